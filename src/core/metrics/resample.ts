/**
 * Bootstrap resamples of FPR95 and AUROC in linear time: every score is ranked once, and a resample is only
 * a count per rank. One pass of prefix sums over the ID ranks then serves every OOD set.
 */
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { argsort } from '../query/argsort.ts';
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

/** How often each of the `counts.length` images is drawn in as many draws with replacement. */
function drawCounts(random: Random, counts: Int32Array): void {
  counts.fill(0);
  const perDraw = counts.length / 0x1_0000_0000;
  for (let i = 0; i < counts.length; i++) counts[Math.floor(random.uint32() * perDraw)]!++;
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
  const oodCounts = first.ood.map((scores) => new Int32Array(scores.length));
  const idCounts = new Int32Array(first.id.length);
  const idRandom = idStream(options.seed);
  const oodRandoms = oodCounts.map((_, set) => oodStream(options.seed, set));
  const results = (): Float64Array[][] =>
    ranked.map(() => oodCounts.map(() => new Float64Array(samples)));
  const fpr95 = results();
  const auroc = results();

  for (let sample = 0; sample < samples; sample++) {
    drawCounts(idRandom, idCounts);
    for (const model of ranked) resampleId(model, idCounts);
    oodCounts.forEach((counts, set) => {
      drawCounts(oodRandoms[set]!, counts);
      ranked.forEach((model, m) => {
        measureSet(model, set, counts);
        fpr95[m]![set]![sample] = model.fpr95;
        auroc[m]![set]![sample] = model.auroc;
      });
    });
  }
  return { fpr95, auroc };
}

/** Images of an OOD set, largest score first, so that a resample is one pass in order. */
interface RankedSet {
  readonly order: Uint32Array;
  readonly scores: Float64Array;
  /** Per OOD image the number of ID images with a larger score. */
  readonly idAbove: Int32Array;
  /** Per OOD image the number of ID images with a score at least as large. */
  readonly idAtLeast: Int32Array;
}

interface RankedModel {
  /** ID images, largest score first. */
  readonly order: Uint32Array;
  /** Their scores. */
  readonly descending: Float64Array;
  readonly sets: readonly RankedSet[];
  /** prefix[i] = resampled images among the first i of `order`; `[n + 1]`. */
  readonly prefix: Int32Array;
  /** FPR95 threshold of the resample. */
  threshold: number;
  fpr95: number;
  auroc: number;
}

function rankModel(model: ModelScores): RankedModel {
  const id = checkedScores(model.id, 'ID scores');
  const order = argsort(id).reverse();
  const descending = Float64Array.from(order, (image) => id[image]!);
  return {
    order,
    descending,
    sets: model.ood.map((set): RankedSet => {
      const unordered = checkedScores(set, 'OOD scores');
      const oodOrder = argsort(unordered).reverse();
      const scores = Float64Array.from(oodOrder, (image) => unordered[image]!);
      return {
        order: oodOrder,
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

/** Sums the drawn ID images from the largest score on and finds the threshold that keeps 95% of them. */
function resampleId(model: RankedModel, counts: Int32Array): void {
  const { prefix, order, descending } = model;
  const keep = imagesToKeep(TPR_95, counts.length);
  let total = 0;
  let kept = -1;
  for (let i = 0; i < order.length; i++) {
    total += counts[order[i]!]!;
    prefix[i + 1] = total;
    if (kept < 0 && total >= keep) kept = i;
  }
  model.threshold = descending[kept]!;
}

function measureSet(model: RankedModel, set: number, counts: Int32Array): void {
  const { prefix, threshold, descending } = model;
  const { order, scores, idAbove, idAtLeast } = model.sets[set]!;
  let accepted = 0;
  let twicePairs = 0;
  for (let i = 0; i < order.length; i++) {
    const drawn = counts[order[i]!]!;
    if (drawn === 0) continue;
    if (scores[i]! >= threshold) accepted += drawn;
    twicePairs += drawn * (prefix[idAbove[i]!]! + prefix[idAtLeast[i]!]!);
  }
  model.fpr95 = accepted / order.length;
  model.auroc = twicePairs / (2 * order.length * descending.length);
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
