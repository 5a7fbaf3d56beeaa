/**
 * Bootstrap resamples of FPR95 and AUROC in linear time: every score is ranked once, and a resample is only
 * a count per rank. One pass of prefix sums over the ID ranks then serves every OOD set.
 */
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { checkedScores } from './checked-scores.ts';
import { imagesToKeep, TPR_95 } from './threshold.ts';

export interface BootstrapOptions {
  /** Resamples; 1,000 unless given, at least 100. */
  readonly samples?: number;
  /** Same seed, same intervals. */
  readonly seed: number;
}

export const DEFAULT_BOOTSTRAP_SAMPLES = 1000;

/**
 * Number of resamples.
 * @throws AppError `usage` below 100: a 95% interval needs some values beyond its ends
 */
export function resampleCount({ samples = DEFAULT_BOOTSTRAP_SAMPLES }: BootstrapOptions): number {
  if (Number.isInteger(samples) && samples >= 100) return samples;
  throw new AppError(
    'usage',
    `Bootstrap: ${samples} resamples cannot give a 95% interval. Use a whole number of at least 100; 1,000 is the default.`,
  );
}

/** Streams of random numbers: ID images have their own, and set s has one that does not depend on other sets. */
export const idStream = (seed: number): Random => new Random(seed, 0);
export const oodStream = (seed: number, set: number): Random => new Random(seed, set + 1);

/** Fills `indices` with draws from 0 to n - 1, with replacement. */
export function drawIndices(random: Random, indices: Int32Array): void {
  const perDraw = indices.length / 0x1_0000_0000;
  for (let i = 0; i < indices.length; i++) indices[i] = random.uint32() * perDraw;
}

/** Scores of one model: larger = more in-distribution, one value per image in the same order for every model. */
export interface ModelScores {
  readonly id: ArrayLike<number>;
  readonly ood: readonly ArrayLike<number>[];
}

/** Resampled metrics: `[model][set]` -> one value per resample. */
export interface Resamples {
  readonly fpr95: readonly (readonly Float64Array[])[];
  readonly auroc: readonly (readonly Float64Array[])[];
}

/**
 * Resamples ID and every OOD set, each with replacement to its own size (stratified). In one resample all
 * models see the same images, and all sets the same ID images. The FPR95 threshold is found anew each time.
 * @param models one or more models scored on the same images
 * @throws AppError when there is no OOD set, or a side is empty or NaN; callers check that columns match
 */
export function resampleOod(models: readonly ModelScores[], options: BootstrapOptions): Resamples {
  const samples = resampleCount(options);
  const first = models[0]!;
  if (first.ood.length === 0) {
    throw new AppError(
      'invalid-data',
      'OOD sets: there are none. Add at least one folder of images that the model should not accept.',
    );
  }
  const ranked = models.map(rankModel);
  const draws = first.ood.map((scores) => new Int32Array(scores.length));
  const idDraw = new Int32Array(first.id.length);
  const idRandom = idStream(options.seed);
  const oodRandoms = draws.map((_, set) => oodStream(options.seed, set));
  const results = (): Float64Array[][] =>
    ranked.map(() => draws.map(() => new Float64Array(samples)));
  const fpr95 = results();
  const auroc = results();

  for (let sample = 0; sample < samples; sample++) {
    drawIndices(idRandom, idDraw);
    for (const model of ranked) resampleId(model, idDraw);
    draws.forEach((draw, set) => {
      drawIndices(oodRandoms[set]!, draw);
      ranked.forEach((model, m) => {
        measureSet(model, set, draw);
        fpr95[m]![set]![sample] = model.fpr95;
        auroc[m]![set]![sample] = model.auroc;
      });
    });
  }
  return { fpr95, auroc };
}

interface RankedSet {
  readonly scores: Float64Array;
  /** Per OOD image the number of ID images with a larger score. */
  readonly idAbove: Int32Array;
  /** Per OOD image the number of ID images with a score at least as large. */
  readonly idAtLeast: Int32Array;
}

interface RankedModel {
  /** ID scores, descending. */
  readonly descending: Float64Array;
  /** Per ID image its rank: the number of ID images with a larger score; tied images share one. */
  readonly rank: Int32Array;
  readonly sets: readonly RankedSet[];
  /** prefix[r] = resampled ID images of rank below r; `[n + 1]`. */
  readonly prefix: Int32Array;
  /** FPR95 threshold of the resample. */
  threshold: number;
  fpr95: number;
  auroc: number;
}

function rankModel(model: ModelScores): RankedModel {
  const id = checkedScores(model.id, 'ID scores');
  const descending = id.slice().sort().reverse();
  return {
    descending,
    rank: Int32Array.from(id, (score) => countAbove(descending, score)),
    sets: model.ood.map((set) => {
      const scores = checkedScores(set, 'OOD scores');
      return {
        scores,
        idAbove: Int32Array.from(scores, (score) => countAbove(descending, score)),
        idAtLeast: Int32Array.from(scores, (score) => countAtLeast(descending, score)),
      };
    }),
    prefix: new Int32Array(id.length + 1),
    threshold: 0,
    fpr95: 0,
    auroc: 0,
  };
}

/** Counts the drawn ID images per rank and finds the threshold that keeps 95% of them. */
function resampleId(model: RankedModel, draw: Int32Array): void {
  const { prefix, rank, descending } = model;
  prefix.fill(0);
  for (const image of draw) prefix[rank[image]! + 1]!++;
  const keep = imagesToKeep(TPR_95, draw.length);
  let total = 0;
  let kept = -1;
  for (let r = 0; r < descending.length; r++) {
    total += prefix[r + 1]!;
    prefix[r + 1] = total;
    if (kept < 0 && total >= keep) kept = r;
  }
  model.threshold = descending[kept]!;
}

function measureSet(model: RankedModel, set: number, draw: Int32Array): void {
  const { prefix, threshold } = model;
  const { scores, idAbove, idAtLeast } = model.sets[set]!;
  let accepted = 0;
  let twicePairs = 0;
  for (const image of draw) {
    if (scores[image]! >= threshold) accepted++;
    twicePairs += prefix[idAbove[image]!]! + prefix[idAtLeast[image]!]!;
  }
  model.fpr95 = accepted / draw.length;
  model.auroc = twicePairs / (2 * draw.length * model.rank.length);
}

/** How many values of a descending array are larger than `score`. */
function countAbove(descending: Float64Array, score: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (descending[middle]! > score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many values of a descending array are `score` or larger. */
function countAtLeast(descending: Float64Array, score: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (descending[middle]! >= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
