/** Largest eigenvalues of a symmetric matrix and their vectors. */
import type { Random } from '../random.ts';

/** Eigenvalues descending, each with its unit vector. */
export interface Eigenvectors {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
}

/** More vectors than asked for are iterated, so that close eigenvalues do not slow convergence down. */
const OVERSAMPLING = 8;
const MAX_ITERATIONS = 500;
/** Relative change of the wanted eigenvalues' vectors at which they count as found. */
const TOLERANCE = 1e-10;

/**
 * Subspace iteration with Rayleigh-Ritz (Golub & Van Loan, Matrix Computations, 8.2.4): multiply a few vectors by the
 * matrix, make them orthonormal, rotate them to the eigenvectors of the matrix within their span, until they stay.
 * @param matrix `[n, n]`, symmetric and positive semidefinite
 * @param count how many; at most `n`
 */
export function dominantEigenvectors(
  matrix: Float64Array,
  n: number,
  count: number,
  random: Random,
): Eigenvectors {
  const width = Math.min(n, count + OVERSAMPLING);
  let basis: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length: n }, () => random.normal()),
  );
  orthonormalise(basis, random);
  let values: number[] = [];
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const before = basis.slice(0, count);
    orthonormalise((basis = basis.map((vector) => multiply(matrix, vector))), random);
    const small = new Float64Array(width * width);
    const images = basis.map((vector) => multiply(matrix, vector));
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++) small[a * width + b] = dot(basis[a]!, images[b]!);
    const { values: ritz, vectors } = jacobi(small, width);
    values = [...ritz];
    basis = vectors.map((weights) => combine(basis, weights));
    const moved = before.reduce(
      (most, vector, i) => Math.max(most, 1 - Math.abs(dot(vector, basis[i]!))),
      0,
    );
    if (moved < TOLERANCE) break;
  }
  return { values: values.slice(0, count), vectors: basis.slice(0, count) };
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    const offset = i * n;
    for (let j = 0; j < n; j++) sum += matrix[offset + j]! * vector[j]!;
    result[i] = sum;
  }
  return result;
}

function combine(basis: readonly Float64Array[], weights: Float64Array): Float64Array {
  const result = new Float64Array(basis[0]!.length);
  for (const [k, vector] of basis.entries())
    for (let i = 0; i < result.length; i++) result[i]! += weights[k]! * vector[i]!;
  return result;
}

/** Modified Gram-Schmidt, twice, in place; a vector that vanishes is replaced by a random one. */
function orthonormalise(vectors: readonly Float64Array[], random: Random): void {
  for (const [i, vector] of vectors.entries()) {
    for (let attempt = 0; ; attempt++) {
      const size = Math.sqrt(dot(vector, vector));
      for (let pass = 0; pass < 2; pass++)
        for (let k = 0; k < i; k++) {
          const along = dot(vector, vectors[k]!);
          for (let j = 0; j < vector.length; j++) vector[j]! -= along * vectors[k]![j]!;
        }
      const left = Math.sqrt(dot(vector, vector));
      if (left > 1e-12 * size && left > 0) {
        for (let j = 0; j < vector.length; j++) vector[j]! /= left;
        break;
      }
      // As many attempts as there are dimensions cannot all lie in the span of the others.
      if (attempt > vector.length) break;
      for (let j = 0; j < vector.length; j++) vector[j] = random.normal();
    }
  }
}

/** All eigenvectors of a small symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, 8.5), descending. */
function jacobi(matrix: Float64Array, n: number): Eigenvectors {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let p = 0; p < n; p++)
      for (let q = 0; q < n; q++) {
        const square = a[p * n + q]! ** 2;
        if (p === q) diagonal += square;
        else off += square;
      }
    if (off <= 1e-30 * diagonal) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => a[j * n + j]! - a[i * n + i]!,
  );
  return {
    values: order.map((i) => a[i * n + i]!),
    vectors: order.map((i) => Float64Array.from({ length: n }, (_, k) => v[k * n + i]!)),
  };
}

/** One rotation in the plane (p, q) that makes a[p, q] zero. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  const turn = (m: Float64Array, i: number, j: number): void => {
    const x = m[i]!;
    const y = m[j]!;
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(v, k * n + p, k * n + q);
}
