/** What a threshold does to the images of an overview, fast enough to follow a dragged line. */
import type { Distribution, ScoreDistributions } from '../../../contract/scores.ts';
import { countBelow } from '../../charts/density.ts';

export interface SetRate {
  readonly datasetId: string;
  readonly name: string;
  readonly n: number;
  readonly kept: number;
  /** Share of the set with S >= threshold: TPR for the ID set, FPR for an OOD set. */
  readonly rate: number;
}

export interface ThresholdRates {
  readonly id: SetRate;
  readonly ood: readonly SetRate[];
  /** Share of the ID validation images that are kept: where thresholds are chosen. */
  readonly validation: number;
  /** Share of all these images, ID and OOD, that are kept. */
  readonly coverage: number;
  /** Share of the kept ID images that are classified correctly; null when none is kept. */
  readonly keptAccuracy: number | null;
}

function rateOf(set: Distribution, threshold: number): SetRate {
  const { datasetId, name, sorted } = set;
  const kept = sorted.length - countBelow(sorted, threshold);
  return {
    datasetId,
    name,
    n: sorted.length,
    kept,
    rate: sorted.length > 0 ? kept / sorted.length : 0,
  };
}

/** @param threshold on S: an image is kept when S >= threshold */
export function ratesAt(overview: ScoreDistributions, threshold: number): ThresholdRates | null {
  const idSet = overview.distributions.find(({ role }) => role === 'id');
  if (!idSet) return null;
  const id = rateOf(idSet, threshold);
  const ood = overview.distributions
    .filter(({ role }) => role === 'ood')
    .map((set) => rateOf(set, threshold));
  const all = [id, ...ood];
  const images = all.reduce((sum, { n }) => sum + n, 0);
  const first = idSet.sorted.length - id.kept;
  const correct = idSet.correctFrom?.[first] ?? 0;
  return {
    id,
    ood,
    validation: rateOf(overview.validation, threshold).rate,
    coverage: images > 0 ? all.reduce((sum, { kept }) => sum + kept, 0) / images : 0,
    keptAccuracy: id.kept > 0 && idSet.correctFrom ? correct / id.kept : null,
  };
}

/** The threshold that keeps at least `share` of the ascending scores: the k-th largest, k = ceil(share · n). */
export function thresholdKeeping(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  // A whole-number percentage of n must not be lifted to the next image by rounding in binary.
  const k = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length - 1e-9)));
  return sorted[sorted.length - k]!;
}
