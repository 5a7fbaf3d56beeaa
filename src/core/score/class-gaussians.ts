/** One Gaussian per class with a shared covariance: what the Mahalanobis scores are made of. */
import { plainAlgebra } from '../linalg/plain-algebra.ts';
import {
  absentClassNotes,
  nearestSquare,
  project,
  singularNotes,
  tiedCovariance,
  whiten,
  type FeatureMoments,
} from './gaussian.ts';
import type { Features, NumberArray, ScoreContext } from './types.ts';

export interface ClassGaussians {
  /** `[units, rank]`: features to coordinates in which the covariance is the identity. */
  readonly projection: NumberArray;
  /** Class means there, `[classes with images, rank]`. */
  readonly centres: NumberArray;
}

/** @returns the Gaussians, and sentences about fallbacks */
export function fitClassGaussians(
  moments: FeatureMoments,
  classNames: readonly string[],
  detectorId: string,
): { readonly gaussians: ClassGaussians; readonly notes: readonly string[] } {
  const { units, classes } = moments;
  const whitening = whiten(tiedCovariance(moments), units, detectorId);
  const { projection, rank } = whitening;
  const { present } = classes;
  const means = new Float64Array(present.length * units);
  present.forEach((k, i) => {
    means.set(classes.mean(k), i * units);
  });
  const centres = project(means, present.length, projection, rank);
  return {
    gaussians: {
      projection: { shape: [units, rank], data: projection },
      centres: { shape: [present.length, rank], data: centres },
    },
    notes: [
      ...absentClassNotes(moments, classNames),
      ...singularNotes('tied covariance', whitening, units),
    ],
  };
}

/** Squared Mahalanobis distance of each image to the nearest class mean, in float64. */
export async function classDistances(
  { data, count, units }: Features,
  projection: Float64Array,
  centres: Float64Array,
  context: ScoreContext | undefined,
): Promise<Float64Array> {
  const rank = projection.length / units;
  const algebra = context?.algebra ?? plainAlgebra;
  const operand = algebra.prepare(projection, { inner: units, columns: rank });
  const z = await operand.multiply(data, count);
  return Float64Array.from({ length: count }, (_, row) =>
    nearestSquare(z, row * rank, centres, rank),
  );
}
