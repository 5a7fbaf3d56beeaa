import type { Estimate } from '../report/audit.ts';
import { auroc } from './auroc.ts';
import { checkedScores } from './checked-scores.ts';
import { fprAtTpr } from './fpr.ts';
import { percentileEstimate } from './percentile.ts';
import { drawIndices, idStream, resampleCount, resampleOod } from './resample.ts';
import type { BootstrapOptions } from './resample.ts';

/** FPR95 (ID positive) and AUROC with 95% intervals. */
export interface OodEstimates {
  readonly fpr95: Estimate;
  readonly auroc: Estimate;
}

/**
 * 95% intervals of one OOD set, over the choice of test images: ID and OOD are resampled apart, each to its
 * own size. Training is not repeated, so the chance in it is not covered. A rate of exactly 0 or 1 gets an
 * interval of width 0, which is a limit of the bootstrap and no proof.
 * @param idScores larger = more in-distribution
 * @throws AppError when a side is empty or NaN, or `samples` is too small
 */
export function bootstrapOod(
  idScores: ArrayLike<number>,
  oodScores: ArrayLike<number>,
  options: BootstrapOptions,
): OodEstimates {
  return bootstrapSets(idScores, [oodScores], options).perSet[0]!;
}

/**
 * {@link bootstrapOod} for several OOD sets at once, which share the resampled ID images, and for the
 * unweighted mean over the sets.
 */
export function bootstrapSets(
  idScores: ArrayLike<number>,
  oodSets: readonly ArrayLike<number>[],
  options: BootstrapOptions,
): { readonly perSet: readonly OodEstimates[]; readonly mean: OodEstimates } {
  const resamples = resampleOod([{ id: idScores, ood: oodSets }], options);
  const fpr95 = estimateSets(
    oodSets.map((set) => fprAtTpr(idScores, set)),
    resamples.fpr95[0]!,
  );
  const area = estimateSets(
    oodSets.map((set) => auroc(idScores, set)),
    resamples.auroc[0]!,
  );
  return {
    perSet: fpr95.perSet.map((estimate, set) => ({ fpr95: estimate, auroc: area.perSet[set]! })),
    mean: { fpr95: fpr95.mean, auroc: area.mean },
  };
}

/**
 * Estimates per set and for the mean over the sets.
 * @param values per set, on the images themselves
 * @param resampled per set, one value per resample
 */
export function estimateSets(
  values: readonly number[],
  resampled: readonly Float64Array[],
): { readonly perSet: readonly Estimate[]; readonly mean: Estimate } {
  const count = values.length;
  const mean = (pick: (set: number) => number): number =>
    values.reduce((sum, _, set) => sum + pick(set), 0) / count;
  const meanResampled = Float64Array.from(resampled[0] ?? [], (_, sample) =>
    mean((set) => resampled[set]![sample]!),
  );
  return {
    perSet: values.map((value, set) => percentileEstimate(value, resampled[set]!)),
    mean: percentileEstimate(
      mean((set) => values[set]!),
      meanResampled,
    ),
  };
}

/**
 * Share of correct predictions with its 95% interval over the choice of test images.
 * @param correct per image true or 1 where the prediction is right
 * @throws AppError when there are no images
 */
export function bootstrapAccuracy(
  correct: ArrayLike<boolean | number>,
  options: BootstrapOptions,
): Estimate {
  return bootstrapMean(
    checkedScores(
      Array.from(correct, (value) => Number(value)),
      'Correctness',
    ),
    options,
  );
}

/** Mean of a column with its 95% interval. */
export function bootstrapMean(values: Float64Array, options: BootstrapOptions): Estimate {
  const random = idStream(options.seed);
  const draw = new Int32Array(values.length);
  const resampled = new Float64Array(resampleCount(options));
  for (let sample = 0; sample < resampled.length; sample++) {
    drawIndices(random, draw);
    let sum = 0;
    for (const image of draw) sum += values[image]!;
    resampled[sample] = sum / values.length;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return percentileEstimate(mean, resampled);
}
