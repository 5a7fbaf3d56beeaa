/** Energy scores of features that were changed before the last layer sees them. */
import { logSumExp } from '../metrics/softmax.ts';
import { quantile } from '../metrics/percentile.ts';
import type { Features, LastLayer } from './types.ts';

/** Changes the features of one image in place; what it was is copied before. */
export type Shaping = (row: Float64Array) => void;

/**
 * `log Σ_k exp(g' · W + b)_k` of each image, with g' the changed features, in float64.
 * @returns `[count]`
 */
export function shapedEnergies(
  { data, count, units }: Features,
  { weights, bias, classes }: LastLayer,
  shape?: Shaping,
): Float64Array {
  const row = new Float64Array(units);
  const logits = new Float64Array(count * classes);
  return Float64Array.from({ length: count }, (_, i) => {
    for (let j = 0; j < units; j++) row[j] = data[i * units + j]!;
    shape?.(row);
    const start = i * classes;
    logits.set(bias, start);
    for (let j = 0; j < units; j++) {
      const value = row[j]!;
      if (value === 0) continue;
      const offset = j * classes;
      for (let k = 0; k < classes; k++) logits[start + k]! += value * weights[offset + k]!;
    }
    return logSumExp(logits, start, classes);
  });
}

/** What an image's own percentile tells about its features. */
export interface OwnPercentile {
  readonly limit: number;
  /** Sum of all of them. */
  readonly sum: number;
  /** Sum of those at or above the limit, and their number. */
  readonly kept: number;
  readonly keptUnits: number;
}

/** @param scratch of the row's length, overwritten */
export function ownPercentile(
  row: Float64Array,
  percent: number,
  scratch: Float64Array,
): OwnPercentile {
  scratch.set(row);
  const limit = quantile(scratch.sort(), percent / 100);
  let sum = 0;
  let kept = 0;
  let keptUnits = 0;
  for (const value of row) {
    sum += value;
    if (value < limit) continue;
    kept += value;
    keptUnits++;
  }
  return { limit, sum, kept, keptUnits };
}

/** `sum / kept` of an image; 1 where no unit is active, because then there is nothing to scale. */
export const keptRatio = ({ sum, kept }: OwnPercentile): number => (kept === 0 ? 1 : sum / kept);
