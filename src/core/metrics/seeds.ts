/** Repeats with several seeds: spread, and differences between two models of each seed. */
import { AppError } from '../errors.ts';
import type { Estimate } from '../report/audit.ts';
import { auroc } from './auroc.ts';
import { checkSameLength } from './checked-scores.ts';
import { fprAtTpr } from './fpr.ts';
import { pairedBootstrap, type PairedEstimates, type PairedScores } from './paired-bootstrap.ts';
import { idStream, drawIndices, resampleCount, resampleOod, type BootstrapOptions } from './resample.ts'; // prettier-ignore
import { student975 } from './student.ts';

/** How the interval over seeds is made, as it is printed beside it. */
export const SEED_INTERVAL =
  'Mean ± standard deviation over the seeds (divided by n − 1). 95% interval of the mean over seeds: mean ± t · std / √n, with Student’s t for n − 1 degrees of freedom.';

/** A number of several seeds. */
export interface SeedSummary {
  /** In the order of the seeds. */
  readonly values: readonly number[];
  readonly mean: number;
  /** Sample standard deviation, divided by n - 1; null for one seed. */
  readonly std: number | null;
  /** 95% interval of the mean over seeds, by Student's t; null for one seed. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** @param values one per seed, at least one */
export function summariseSeeds(values: readonly number[]): SeedSummary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { values, mean, std: null, interval: null };
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = (student975(n - 1) * std) / Math.sqrt(n);
  return { values, mean, std, interval: { low: mean - half, high: mean + half } };
}

/** {@link summariseSeeds} of rates; the interval ends at 0 and 1, beyond which no rate can be. */
export function summariseRates(rates: readonly number[]): SeedSummary {
  const summary = summariseSeeds(rates);
  const { interval } = summary;
  if (!interval) return summary;
  const clipped = { low: Math.max(0, interval.low), high: Math.min(1, interval.high) };
  return { ...summary, interval: clipped };
}

/**
 * Mean of differences over seeds with a 95% interval that covers both kinds of chance: in training, from the spread
 * between seeds, and in the choice of test images, which are the same for every seed and so do not average out.
 * Half width: t(n − 1) · √(std² / n + imageStd²). The variance of the images is in part in `std` too, and t is taken
 * with the degrees of freedom of the seeds alone; both make the interval wider, never narrower.
 * @param perSeed differences, at least two
 * @param imageStd standard deviation of their mean over bootstrap resamples of the test images
 */
export function overSeedsAndImages(perSeed: readonly number[], imageStd: number): Estimate {
  const { mean, std } = summariseSeeds(perSeed);
  if (std === null)
    throw new AppError('usage', 'One seed has no spread. Repeat with at least one more.');
  const half = student975(perSeed.length - 1) * Math.sqrt(std ** 2 / perSeed.length + imageStd ** 2); // prettier-ignore
  return { value: mean, low: mean - half, high: mean + half };
}

/** Scores of the two models of one seed. */
export type SeedScores = Omit<PairedScores, keyof BootstrapOptions>;

/** Differences A - B of one seed, without intervals. */
export interface SeedDifference {
  readonly fpr95: number;
  readonly auroc: number;
}

export interface SeedDifferences {
  /** Means over the seeds with the interval of {@link overSeedsAndImages}; of one seed, over the images alone. */
  readonly estimates: PairedEstimates;
  /** Per seed: the mean over the OOD sets. */
  readonly mean: readonly SeedDifference[];
  /** Per seed, per OOD set. */
  readonly perSet: readonly (readonly SeedDifference[])[];
}

/**
 * Differences A - B between two models of each seed. All models of all seeds see the same images, and the same
 * resampled ones, so that what is common to the seeds is not counted as if it were independent.
 * @param seeds at least one; every one with the same images in the same order
 * @throws AppError when columns differ in length, are empty or hold NaN, or there is no OOD set
 */
export function pairedOverSeeds(
  seeds: readonly SeedScores[],
  options: BootstrapOptions,
): SeedDifferences {
  const [first] = seeds as [SeedScores];
  for (const { idA, idB, oodA, oodB } of seeds) {
    checkSameLength(idA, 'ID scores of a model', first.idA, 'those of the first seed');
    checkSameLength(idB, 'ID scores of a model', first.idA, 'those of the first seed');
    if (oodA.length !== first.oodA.length || oodB.length !== first.oodA.length)
      throw new AppError(
        'invalid-data',
        'Seeds: not every model was scored on the same OOD sets. Score all on the same sets.',
      );
    for (const [i, set] of first.oodA.entries()) {
      checkSameLength(oodA[i]!, `OOD set ${i + 1} under a model`, set, 'under the first one it');
      checkSameLength(oodB[i]!, `OOD set ${i + 1} under a model`, set, 'under the first one it');
    }
  }
  const sets = [...first.oodA.keys()];
  const perSet = seeds.map(({ idA, idB, oodA, oodB }) =>
    sets.map((i) => ({
      fpr95: fprAtTpr(idA, oodA[i]!) - fprAtTpr(idB, oodB[i]!),
      auroc: auroc(idA, oodA[i]!) - auroc(idB, oodB[i]!),
    })),
  );
  const meanOf = (rows: readonly SeedDifference[], metric: keyof SeedDifference): number =>
    rows.reduce((sum, row) => sum + row[metric], 0) / rows.length;
  const mean = perSet.map((rows) => ({ fpr95: meanOf(rows, 'fpr95'), auroc: meanOf(rows, 'auroc') })); // prettier-ignore
  if (seeds.length === 1)
    return { estimates: pairedBootstrap({ ...first, ...options }), mean, perSet };

  const resamples = resampleOod(
    seeds.flatMap(({ idA, idB, oodA, oodB }) => [
      { id: idA, ood: oodA },
      { id: idB, ood: oodB },
    ]),
    options,
  );
  /** Spread over the resamples of the mean over seeds and some sets. */
  const imageStd = (metric: keyof SeedDifference, members: readonly number[]): number => {
    const columns = resamples[metric];
    const samples = columns[0]![0]!.length;
    const means = Float64Array.from({ length: samples }, (_, sample) => {
      let sum = 0;
      for (const seed of seeds.keys())
        for (const set of members)
          sum += columns[2 * seed]![set]![sample]! - columns[2 * seed + 1]![set]![sample]!;
      return sum / (seeds.length * members.length);
    });
    return spreadOf(means);
  };
  const estimates = (members: readonly number[], rows: readonly SeedDifference[]) => ({
    fpr95: overSeedsAndImages(rows.map(({ fpr95 }) => fpr95), imageStd('fpr95', members)), // prettier-ignore
    auroc: overSeedsAndImages(rows.map((row) => row.auroc), imageStd('auroc', members)), // prettier-ignore
  });
  return {
    estimates: {
      perSet: sets.map((i) => estimates([i], perSet.map((rows) => rows[i]!))), // prettier-ignore
      mean: estimates(sets, mean),
    },
    mean,
    perSet,
  };
}

/**
 * Difference in accuracy A - B over seeds, with the same kind of interval.
 * @param seeds per seed and image 1 where the model is right; at least two seeds, the same images in each
 */
export function accuracyOverSeeds(
  seeds: readonly { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> }[],
  options: BootstrapOptions,
): { readonly estimate: Estimate; readonly perSeed: readonly number[] } {
  const images = seeds[0]!.a.length;
  const columns = seeds.map(({ a, b }) => {
    checkSameLength(a, 'Correctness under a model', b, 'under the other it');
    return Float64Array.from(a, (value, i) => value - b[i]!);
  });
  const perSeed = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / images);
  const common = Float64Array.from({ length: images }, (_, i) =>
    columns.reduce((sum, column) => sum + column[i]! / columns.length, 0),
  );
  const random = idStream(options.seed);
  const draw = new Int32Array(images);
  const means = Float64Array.from({ length: resampleCount(options) }, () => {
    drawIndices(random, draw);
    let sum = 0;
    for (const image of draw) sum += common[image]!;
    return sum / images;
  });
  return { estimate: overSeedsAndImages(perSeed, spreadOf(means)), perSeed };
}

function spreadOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
