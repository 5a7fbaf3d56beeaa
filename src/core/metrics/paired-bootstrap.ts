import { AppError } from '../errors.ts';
import type { Estimate } from '../report/audit.ts';
import { auroc } from './auroc.ts';
import { bootstrapMean, estimateSets } from './bootstrap.ts';
import type { OodEstimates } from './bootstrap.ts';
import { checkSameLength } from './checked-scores.ts';
import { fprAtTpr } from './fpr.ts';
import { resampleOod } from './resample.ts';
import type { BootstrapOptions } from './resample.ts';

/** Scores of two models on the same images in the same order; larger = more in-distribution. */
export interface PairedScores extends BootstrapOptions {
  readonly idA: ArrayLike<number>;
  readonly idB: ArrayLike<number>;
  /** One column per OOD set. */
  readonly oodA: readonly ArrayLike<number>[];
  readonly oodB: readonly ArrayLike<number>[];
}

/** Differences A - B: below 0 in FPR95 and above 0 in AUROC speak for A. */
export interface PairedEstimates {
  readonly perSet: readonly OodEstimates[];
  /** Difference of the unweighted means over the sets. */
  readonly mean: OodEstimates;
}

/**
 * 95% intervals of the difference between two models, A - B. In each resample both models see the same
 * resampled images, so that what is hard for both cancels; each model has its own 95% threshold, found anew.
 * Identical scores give exactly 0 everywhere.
 * @throws AppError when columns differ in length, a side is empty or NaN, or there is no OOD set
 */
export function pairedBootstrap(scores: PairedScores): PairedEstimates {
  const { idA, idB, oodA, oodB } = scores;
  if (oodA.length === 0 || oodA.length !== oodB.length) {
    throw new AppError(
      'invalid-data',
      `Paired bootstrap: ${oodA.length} OOD sets for one model and ${oodB.length} for the other. Score both models on the same sets, at least one.`,
    );
  }
  checkSameLength(idA, 'ID scores of the first model', idB, 'those of the second');
  oodA.forEach((set, i) =>
    checkSameLength(
      set,
      `OOD set ${i + 1} under the first model`,
      oodB[i]!,
      'under the second model it',
    ),
  );
  const resamples = resampleOod(
    [
      { id: idA, ood: oodA },
      { id: idB, ood: oodB },
    ],
    scores,
  );
  const differences = (metric: typeof auroc, resampled: readonly (readonly Float64Array[])[]) =>
    estimateSets(
      oodA.map((set, i) => metric(idA, set) - metric(idB, oodB[i]!)),
      resampled[0]!.map((column, i) =>
        column.map((value, sample) => value - resampled[1]![i]![sample]!),
      ),
    );
  const fpr95 = differences(fprAtTpr, resamples.fpr95);
  const area = differences(auroc, resamples.auroc);
  return {
    perSet: fpr95.perSet.map((estimate, set) => ({ fpr95: estimate, auroc: area.perSet[set]! })),
    mean: { fpr95: fpr95.mean, auroc: area.mean },
  };
}

/**
 * Difference in accuracy A - B over the same images, with its 95% interval.
 * @param correctA per image true or 1 where the first model is right
 * @param correctB the same images under the second model
 * @throws AppError when empty or of different lengths
 */
export function pairedAccuracy(
  correctA: ArrayLike<boolean | number>,
  correctB: ArrayLike<boolean | number>,
  options: BootstrapOptions,
): Estimate {
  checkSameLength(correctA, 'Correctness under the first model', correctB, 'under the second it');
  if (correctA.length === 0) {
    throw new AppError(
      'invalid-data',
      'Accuracy: there are no test images. Check the split of the in-distribution set.',
    );
  }
  const difference = Float64Array.from(correctA, (value, i) => Number(value) - Number(correctB[i]));
  return bootstrapMean(difference, options);
}
