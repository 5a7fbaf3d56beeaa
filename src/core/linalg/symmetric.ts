/** Eigenvectors and pseudo-inverses in float64, by ml-matrix. */
import { EigenvalueDecomposition, Matrix, pseudoInverse as pseudoInverseOf } from 'ml-matrix';

/** Eigenvalues descending; column k of `vectors` (`[n, n]`, row-major) is the unit vector of value k. */
export interface Eigenbasis {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix. O(n³): 512 take seconds, and the event loop waits.
 * @param matrix `[n, n]`
 */
export function eigenbasis(matrix: Float64Array, n: number): Eigenbasis {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(n, n, matrix),
    { assumeSymmetric: true },
  );
  const order = realEigenvalues.map((_, k) => k);
  order.sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const vectors = new Float64Array(n * n);
  for (let row = 0; row < n; row++)
    for (let k = 0; k < n; k++) vectors[row * n + k] = eigenvectorMatrix.get(row, order[k]!);
  return { values: Float64Array.from(order, (k) => realEigenvalues[k]!), vectors };
}

/**
 * Moore-Penrose inverse by singular values.
 * @param matrix `[rows, columns]`, row-major
 * @returns `[columns, rows]`
 */
export function pseudoInverse(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
): Float64Array {
  const inverse = pseudoInverseOf(Matrix.from1DArray(rows, columns, Array.from(matrix)));
  return Float64Array.from(inverse.to1DArray());
}
