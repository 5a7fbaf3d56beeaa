import { AppError } from '../errors.ts';
import { checkShape } from './inputs.ts';
import type { Features } from './types.ts';

/** How sparse the penultimate features of a set of images are. */
export interface FeatureStatistics {
  /** Per image Σ_j |g_j|; `[count]`. */
  readonly l1: Float64Array;
  /** Per image its Hoyer sparsity; `[count]`. */
  readonly hoyerOf: Float64Array;
  /** Mean over the images of Σ_j |g_j|, the quantity that λ penalises. */
  readonly meanL1: number;
  /** Mean over the images of the Hoyer sparsity, 0 (all units equal) to 1 (one unit active). */
  readonly hoyer: number;
  /** Share of all unit activations, over images and units, below 1e-3 of the largest in the set; 0 to 1. */
  readonly nearZeroUnits: number;
  /** Images on which every unit is exactly 0; they count as Hoyer sparsity 1. */
  readonly silentImages: number;
}

/** A unit below this share of the set's largest activation counts as near zero. */
export const NEAR_ZERO_SHARE = 1e-3;

/**
 * Statistics of penultimate features that show *why* energies moved. They describe one model; features of
 * two models have no common scale, but Hoyer sparsity and the share of near-zero units do not depend on scale.
 * Hoyer sparsity of one image with n units: (√n − ‖g‖₁ / ‖g‖₂) / (√n − 1), Hoyer 2004, JMLR 5, p. 1460.
 * @throws AppError `invalid-data` when the shape is wrong, there are fewer than 2 units, or a value is NaN or
 * infinite (naming the row)
 */
export function featureStatistics(features: Features): FeatureStatistics {
  const { data, count, units } = features;
  checkShape(data, count, units, 'Features');
  if (units < 2) {
    throw new AppError(
      'invalid-data',
      'Features: sparsity needs at least 2 units per image. Use a network with a wider last layer.',
    );
  }
  const l1 = new Float64Array(count);
  const hoyerOf = new Float64Array(count);
  const root = Math.sqrt(units);
  let largest = 0;
  let silentImages = 0;
  for (let row = 0; row < count; row++) {
    let sum = 0;
    let squares = 0;
    for (let j = row * units; j < (row + 1) * units; j++) {
      const size = Math.abs(data[j]!);
      sum += size;
      squares += size * size;
      if (size > largest) largest = size;
    }
    if (!Number.isFinite(sum)) {
      throw new AppError(
        'invalid-data',
        `Features: row ${row} of ${count} (counted from 0) has a value that is NaN or infinite. The model's weights are damaged or its training diverged; use its last good checkpoint.`,
        { details: { row } },
      );
    }
    l1[row] = sum;
    if (squares === 0) silentImages++;
    hoyerOf[row] = squares === 0 ? 1 : (root - sum / Math.sqrt(squares)) / (root - 1);
  }
  const limit = NEAR_ZERO_SHARE * largest;
  const nearZero = data.reduce(
    (n, value) => (largest === 0 || Math.abs(value) < limit ? n + 1 : n),
    0,
  );
  return {
    l1,
    hoyerOf,
    meanL1: l1.reduce((a, b) => a + b, 0) / count,
    hoyer: hoyerOf.reduce((a, b) => a + b, 0) / count,
    nearZeroUnits: nearZero / data.length,
    silentImages,
  };
}
