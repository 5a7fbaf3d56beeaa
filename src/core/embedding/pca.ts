/** Principal components of a matrix: the directions along which its rows differ most. */
import { Random } from '../random.ts';
import { dominantEigenvectors } from './eigen.ts';

/** Axes through the mean of some rows. */
export interface PrincipalAxes {
  /** `[columns]` */
  readonly mean: Float64Array;
  /** Unit vectors, largest variance first; of each the largest entry is positive, as in scikit-learn. */
  readonly axes: readonly Float64Array[];
  /** Share of the total variance along each axis, 0 to 1; 0 when all rows are equal. */
  readonly explained: readonly number[];
}

/**
 * Principal component analysis (Pearson 1901) through the covariance matrix, which is small here: features have
 * some hundred columns and up to a million rows.
 * @param data `[rows, columns]`, row-major
 * @param count how many axes; at most `columns`
 */
export function principalAxes(data: Float32Array, columns: number, count: number): PrincipalAxes {
  const rows = data.length / columns;
  const mean = columnMeans(data, columns);
  const covariance = covarianceOf(data, columns, mean);
  let total = 0;
  for (let j = 0; j < columns; j++) total += covariance[j * columns + j]!;
  const { values, vectors } = dominantEigenvectors(covariance, columns, count, new Random(rows));
  return {
    mean,
    axes: vectors.map(pointLargestUp),
    explained: values.map((value) => (total > 0 ? Math.max(0, value) / total : 0)),
  };
}

/**
 * Coordinates of rows along axes.
 * @param data `[rows, columns]`
 * @returns `[rows, axes]`
 */
export function project(data: Float32Array, { mean, axes }: PrincipalAxes): Float32Array {
  const columns = mean.length;
  const rows = data.length / columns;
  const points = new Float32Array(rows * axes.length);
  for (let i = 0; i < rows; i++)
    for (const [a, axis] of axes.entries()) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (data[i * columns + j]! - mean[j]!) * axis[j]!;
      points[i * axes.length + a] = sum;
    }
  return points;
}

function columnMeans(data: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < data.length; i += columns)
    for (let j = 0; j < columns; j++) sums[j]! += data[i + j]!;
  return sums.map((sum) => sum / (data.length / columns));
}

/** `[columns, columns]`, divided by rows - 1. */
function covarianceOf(data: Float32Array, columns: number, mean: Float64Array): Float64Array {
  const rows = data.length / columns;
  const sums = new Float64Array(columns * columns);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) row[j] = data[i * columns + j]! - mean[j]!;
    for (let j = 0; j < columns; j++) {
      const value = row[j]!;
      // Features after a ReLU are 0 in many places, but centred ones are not; this skips dead units only.
      if (value === 0) continue;
      const offset = j * columns;
      for (let k = j; k < columns; k++) sums[offset + k]! += value * row[k]!;
    }
  }
  const scale = 1 / Math.max(1, rows - 1);
  for (let j = 0; j < columns; j++)
    for (let k = j; k < columns; k++) {
      const value = sums[j * columns + k]! * scale;
      sums[j * columns + k] = value;
      sums[k * columns + j] = value;
    }
  return sums;
}

function pointLargestUp(vector: Float64Array): Float64Array {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? vector.map((value) => -value) : vector;
}
