/**
 * 95% intervals without resampling, for sets so large that a bootstrap would take minutes: the variance of a metric is
 * that of the mean of its influence function over the images (Hampel 1974; for AUROC this is DeLong et al. 1988), and
 * the interval is the estimate ± 1.96 standard errors. ID and OOD images are independent samples, as in the bootstrap,
 * and pairs of models see the same images. Linear in the number of images after one sort; no random numbers.
 */
import { below } from './below.ts';
import type { Estimate } from '../report/audit.ts';
import { argsort } from '../query/argsort.ts';
import type { OodEstimates } from './bootstrap.ts';
import { checkedScores } from './checked-scores.ts';
import type { PairedEstimates } from './paired-bootstrap.ts';
import type { ModelScores } from './resample.ts';
import { imagesToKeep, TPR_95 } from './threshold.ts';

const Z = 1.959963984540054;
/** From so many images on the influence function takes the place of resampling. */
export const INFLUENCE_FROM_IMAGES = 50_000;

interface Metric {
  readonly value: number;
  /** What each image adds, less the mean. */
  readonly id: Float64Array;
  readonly ood: Float64Array;
}

/** {@link bootstrapSets} by influence functions. */
export function influenceSets(
  id: ArrayLike<number>,
  ood: readonly ArrayLike<number>[],
): { readonly perSet: readonly OodEstimates[]; readonly mean: OodEstimates } {
  const sets = influences({ id, ood });
  const estimates = (pick: 'fpr95' | 'auroc') => {
    const metrics = sets.map((set) => set[pick]);
    return { perSet: metrics.map((metric) => clipped(estimate(metric))), mean: clipped(estimate(meanOf(metrics))) }; // prettier-ignore
  };
  return joined(estimates('fpr95'), estimates('auroc'));
}

/** {@link pairedBootstrap} by influence functions: differences A - B. */
export function influencePaired(a: ModelScores, b: ModelScores): PairedEstimates {
  const [first, second] = [influences(a), influences(b)];
  const estimates = (pick: 'fpr95' | 'auroc') => {
    const metrics = first.map((set, i) => minus(set[pick], second[i]![pick]));
    return { perSet: metrics.map(estimate), mean: estimate(meanOf(metrics)) };
  };
  return joined(estimates('fpr95'), estimates('auroc'));
}

/** Mean of a column with its interval. */
export function influenceMean(values: Float64Array): Estimate {
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  const id = values.map((one) => one - value);
  return estimate({ value, id, ood: new Float64Array(0) });
}

interface Sides {
  readonly perSet: readonly Estimate[];
  readonly mean: Estimate;
}
const joined = (fpr95: Sides, auroc: Sides): PairedEstimates => ({
  perSet: fpr95.perSet.map((estimated, i) => ({ fpr95: estimated, auroc: auroc.perSet[i]! })),
  mean: { fpr95: fpr95.mean, auroc: auroc.mean },
});

function estimate({ value, id, ood }: Metric): Estimate {
  const half = Z * Math.sqrt(varianceOfMean(id) + varianceOfMean(ood));
  return { value, low: value - half, high: value + half };
}

const clipped = ({ value, low, high }: Estimate): Estimate => ({
  value,
  low: Math.max(0, low),
  high: Math.min(1, high),
});

function varianceOfMean(centred: Float64Array): number {
  if (centred.length === 0) return 0;
  let sum = 0;
  for (const one of centred) sum += one * one;
  return sum / (centred.length * centred.length);
}

const minus = (a: Metric, b: Metric): Metric => ({
  value: a.value - b.value,
  id: a.id.map((one, i) => one - b.id[i]!),
  ood: a.ood.map((one, i) => one - b.ood[i]!),
});

/** Of the unweighted mean: ID images are shared by all sets, OOD images are not. */
function meanOf(metrics: readonly Metric[]): Metric {
  const count = metrics.length;
  const id = new Float64Array(metrics[0]!.id.length);
  for (const metric of metrics) for (let i = 0; i < id.length; i++) id[i]! += metric.id[i]! / count;
  // A stand-in of one value with the variance that the sets have together.
  const variance = metrics.reduce((sum, { ood }) => sum + varianceOfMean(ood), 0) / count ** 2;
  return {
    value: metrics.reduce((sum, { value }) => sum + value, 0) / count,
    id,
    ood: Float64Array.of(Math.sqrt(variance)),
  };
}

function influences({
  id,
  ood,
}: ModelScores): { readonly fpr95: Metric; readonly auroc: Metric }[] {
  const scores = checkedScores(id, 'ID scores');
  const order = argsort(scores);
  const sorted = Float64Array.from(order, (row) => scores[row]!);
  return ood.map((set) => {
    const of = checkedScores(set, 'OOD scores');
    const oodOrder = argsort(of);
    const oodSorted = Float64Array.from(oodOrder, (row) => of[row]!);
    return {
      fpr95: fprInfluence(scores, sorted, of, oodSorted),
      auroc: aurocInfluence(sorted, order, oodSorted, oodOrder),
    };
  });
}

function fprInfluence(
  id: Float64Array,
  idSorted: Float64Array,
  ood: Float64Array,
  oodSorted: Float64Array,
): Metric {
  const n = id.length;
  const keep = imagesToKeep(TPR_95, n);
  const threshold = idSorted[n - keep]!;
  const shareAbove = (limit: number): number => 1 - below(oodSorted, limit) / oodSorted.length;
  const value = shareAbove(threshold);
  // Slope of the ROC curve where 95% of ID is kept: how the false positives follow when the threshold moves.
  const reach = Math.max(1, Math.min(Math.round(0.04 * n), Math.round(n ** (2 / 3))));
  const more = Math.min(n, keep + reach);
  const fewer = Math.max(1, keep - reach);
  const slope = more === fewer ? 0 : (n * (shareAbove(idSorted[n - more]!) - shareAbove(idSorted[n - fewer]!))) / (more - fewer); // prettier-ignore
  const kept = 1 - below(idSorted, threshold) / n;
  return {
    value,
    id: id.map((score) => -slope * ((score >= threshold ? 1 : 0) - kept)),
    ood: ood.map((score) => (score >= threshold ? 1 : 0) - value),
  };
}

function aurocInfluence(
  idSorted: Float64Array,
  idOrder: Uint32Array,
  oodSorted: Float64Array,
  oodOrder: Uint32Array,
): Metric {
  // Share of the other side that lies below each image, ties counting one half.
  const id = placements(idSorted, idOrder, oodSorted);
  const ood = placements(oodSorted, oodOrder, idSorted);
  const value = id.reduce((sum, one) => sum + one, 0) / id.length;
  return {
    value,
    id: id.map((one) => one - value),
    ood: ood.map((one) => 1 - one - value),
  };
}

function placements(sorted: Float64Array, order: Uint32Array, other: Float64Array): Float64Array {
  const result = new Float64Array(sorted.length);
  let smaller = 0;
  let atMost = 0;
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i]!;
    while (smaller < other.length && other[smaller]! < value) smaller++;
    if (atMost < smaller) atMost = smaller;
    while (atMost < other.length && other[atMost]! <= value) atMost++;
    result[order[i]!] = (smaller + atMost) / (2 * other.length);
  }
  return result;
}
