/** Gaussians on training features: means, covariances, and the coordinates in which a covariance is the identity. */
import { AppError } from '../errors.ts';
import { eigenbasis } from '../linalg/symmetric.ts';
import { plainAlgebra } from '../linalg/plain-algebra.ts';
import { classList, GroupSums } from './class-means.ts';
import type { TrainingReader } from './training-reader.ts';
import type { Features, ScoreContext } from './types.ts';

/** Sums that every covariance below is made of; of one reading of the images. */
export interface FeatureMoments {
  readonly count: number;
  readonly units: number;
  /** By class of the model. */
  readonly classes: GroupSums;
  /** Σ x xᵀ `[units, units]`. */
  readonly scatter: Float64Array;
  /** Σ x `[units]`. */
  readonly sum: Float64Array;
}

/**
 * Reads all training images once.
 * @param select what to take of the features, e.g. the columns of one stage
 */
export async function featureMoments(
  reader: TrainingReader,
  need: 'features' | 'stages',
  context: ScoreContext | undefined,
  select: (features: Features) => Features = (features) => features,
): Promise<FeatureMoments> {
  const algebra = context?.algebra ?? plainAlgebra;
  let classes: GroupSums | null = null;
  let scatter = new Float64Array(0);
  let count = 0;
  for await (const block of reader.blocks([need])) {
    const { data, units } = select(block[need]);
    classes ??= new GroupSums(reader.training.lastLayer.classes, units);
    if (count === 0) scatter = new Float64Array(units * units);
    const sums = classes;
    block.labels.forEach((label, row) => {
      sums.add(label, data, row * units);
    });
    const products = await algebra.gram(data, block.count, units);
    for (let i = 0; i < scatter.length; i++) scatter[i]! += products[i]!;
    count += block.count;
  }
  // The reader throws when there is no image, so there are classes.
  const found = classes!;
  const units = found.width;
  const sum = new Float64Array(units);
  for (let i = 0; i < found.sums.length; i++) sum[i % units]! += found.sums[i]!;
  return { count, units, classes: found, scatter, sum };
}

/** Covariance about the mean of each image's class, divided by the number of images (tied covariance). */
export function tiedCovariance({ count, units, classes, scatter }: FeatureMoments): Float64Array {
  const covariance = scatter.slice();
  for (const k of classes.present) addOuter(covariance, classes.mean(k), -classes.counts[k]!);
  return covariance.map((value) => value / count).subarray(0, units * units);
}

/** Mean outer product of x − origin. */
export function scatterAbout(
  { count, units, scatter, sum }: FeatureMoments,
  origin: Float64Array,
): Float64Array {
  const result = new Float64Array(units * units);
  for (let i = 0; i < units; i++)
    for (let j = 0; j < units; j++) {
      const at = i * units + j;
      result[at] =
        (scatter[at]! - sum[i]! * origin[j]! - origin[i]! * sum[j]!) / count +
        origin[i]! * origin[j]!;
    }
  return result;
}

/** Mean of all images. */
export const overallMean = ({ sum, count }: FeatureMoments): Float64Array =>
  sum.map((value) => value / count);

function addOuter(matrix: Float64Array, vector: Float64Array, factor: number): void {
  const n = vector.length;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) matrix[i * n + j]! += factor * vector[i]! * vector[j]!;
}

/** Coordinates in which squared Euclidean distance is squared Mahalanobis distance: z = x · projection. */
export interface Whitening {
  /** `[units, rank]` */
  readonly projection: Float64Array;
  readonly rank: number;
}

/**
 * Directions whose variance is below this share of the largest are rounding errors of float32 features: the
 * pseudo-inverse leaves them out.
 */
const SINGULAR_SHARE = 1e-12;

/**
 * The whitening of a covariance; of its pseudo-inverse when it is singular.
 * @throws AppError `invalid-data` when the features do not vary at all
 */
export function whiten(covariance: Float64Array, units: number, detectorId: string): Whitening {
  const { values, vectors } = eigenbasis(covariance, units);
  const limit = SINGULAR_SHARE * values[0]!;
  const rank = values.filter((value) => value > limit).length;
  if (!(values[0]! > 0) || rank === 0)
    throw new AppError(
      'invalid-data',
      `Score ${detectorId}: the features of the ID training images do not vary, so distances cannot be measured. Use a model that is trained, and more than one training image per class.`,
    );
  const projection = new Float64Array(units * rank);
  for (let i = 0; i < units; i++)
    for (let k = 0; k < rank; k++)
      projection[i * rank + k] = vectors[i * units + k]! / Math.sqrt(values[k]!);
  return { projection, rank };
}

/** Sentences on a covariance that is singular. */
export const singularNotes = (
  what: string,
  { rank }: Whitening,
  units: number,
): readonly string[] =>
  rank === units
    ? []
    : [
        `The ${what} of ${units} units has rank ${rank} (units that are never active, units that depend on each other, or too few training images). Its pseudo-inverse is used: directions in which training images do not vary are ignored.`,
      ];

/** Sentences on classes of the model without a training image. */
export function absentClassNotes(
  { classes }: FeatureMoments,
  names: readonly string[],
): readonly string[] {
  const absent = [...classes.counts.keys()].filter((k) => classes.counts[k] === 0);
  if (absent.length === 0) return [];
  return [
    `The ID training split has no image of ${classList(names, absent)}; distances are to the other ${classes.present.length} classes.`,
  ];
}

/** Rows times a small matrix, in float64: `[rows, columns]`. */
export function project(
  rows: Float64Array,
  count: number,
  matrix: Float64Array,
  columns: number,
): Float64Array {
  const inner = count === 0 ? 0 : rows.length / count;
  const result = new Float64Array(count * columns);
  for (let row = 0; row < count; row++)
    for (let p = 0; p < inner; p++) {
      const value = rows[row * inner + p]!;
      for (let j = 0; j < columns; j++)
        result[row * columns + j]! += value * matrix[p * columns + j]!;
    }
  return result;
}

/**
 * Squared Euclidean distance to the nearest centre.
 * @param z one vector, from `offset` on, `width` long
 * @param centres `[n, width]`
 */
export function nearestSquare(
  z: Float64Array,
  offset: number,
  centres: Float64Array,
  width: number,
): number {
  let nearest = Infinity;
  for (let start = 0; start < centres.length; start += width) {
    let square = 0;
    for (let j = 0; j < width; j++) square += (z[offset + j]! - centres[start + j]!) ** 2;
    if (square < nearest) nearest = square;
  }
  return nearest;
}
