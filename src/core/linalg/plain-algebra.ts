/** Products of matrices in plain JavaScript, summed in float64: the reference, and what runs where nothing faster is. */
import { Pacer } from '../pace.ts';
import type { Algebra, Operand, OperandShape } from './algebra.ts';

type Values = Float32Array | Float64Array;

/** Rows that share one reading of `b`. */
const ROWS_AT_ONCE = 4;

class PlainOperand<A extends Values> implements Operand<A> {
  private readonly b: A;
  private readonly shape: OperandShape;
  private readonly transposed: boolean;

  constructor(b: A, shape: OperandShape, transposed: boolean) {
    this.b = b;
    this.shape = shape;
    this.transposed = transposed;
  }

  async multiply(a: Float32Array, rows: number): Promise<A> {
    const { inner, columns } = this.shape;
    const result = new (this.b.constructor as new (length: number) => A)(rows * columns);
    const pacer = new Pacer();
    const product = this.transposed ? rowsByRows : rowsByColumns;
    for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
      const end = Math.min(rows, row + ROWS_AT_ONCE);
      product(a, this.b, result, row, end, inner, columns);
      await pacer.pause();
    }
    return result;
  }
}

/** Rows `from` to `to` of a · b. Units that are 0, as most are after ReLU, cost nothing. */
function rowsByColumns(
  a: Float32Array,
  b: Values,
  result: Values,
  from: number,
  to: number,
  inner: number,
  columns: number,
): void {
  const sums = new Float64Array((to - from) * columns);
  for (let p = 0; p < inner; p++) {
    const start = p * columns;
    for (let row = from; row < to; row++) {
      const value = a[row * inner + p]!;
      if (value === 0) continue;
      const offset = (row - from) * columns;
      for (let j = 0; j < columns; j++) sums[offset + j]! += value * b[start + j]!;
    }
  }
  result.set(sums, from * columns);
}

/** Rows `from` to `to` of a · bᵀ, four at a time where there are four: each number of `b` is then read once. */
function rowsByRows(
  a: Float32Array,
  b: Values,
  result: Values,
  from: number,
  to: number,
  inner: number,
  columns: number,
): void {
  if (to - from < ROWS_AT_ONCE) {
    for (let row = from; row < to; row++) rowByRows(a, b, result, row, inner, columns);
    return;
  }
  const [a0, a1, a2, a3] = [from, from + 1, from + 2, from + 3].map((row) =>
    a.subarray(row * inner, (row + 1) * inner),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  for (let j = 0; j < columns; j++) {
    const start = j * inner;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let p = 0; p < inner; p++) {
      const value = b[start + p]!;
      s0 += a0[p]! * value;
      s1 += a1[p]! * value;
      s2 += a2[p]! * value;
      s3 += a3[p]! * value;
    }
    const at = from * columns + j;
    result[at] = s0;
    result[at + columns] = s1;
    result[at + 2 * columns] = s2;
    result[at + 3 * columns] = s3;
  }
}

function rowByRows(
  a: Float32Array,
  b: Values,
  result: Values,
  row: number,
  inner: number,
  columns: number,
): void {
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let p = 0; p < inner; p++) sum += a[row * inner + p]! * b[j * inner + p]!;
    result[row * columns + j] = sum;
  }
}

function prepare(b: Float32Array, shape: OperandShape, transposed?: boolean): Operand;
function prepare(b: Float64Array, shape: OperandShape, transposed?: boolean): Operand<Float64Array>;
function prepare(b: Values, shape: OperandShape, transposed = false): Operand<Values> {
  return new PlainOperand<Values>(b, shape, transposed);
}

async function gram(a: Float32Array, rows: number, columns: number): Promise<Float64Array> {
  const sums = new Float64Array(columns * columns);
  const pacer = new Pacer();
  for (let row = 0; row < rows; row++) {
    const offset = row * columns;
    for (let i = 0; i < columns; i++) {
      const value = a[offset + i]!;
      if (value === 0) continue;
      const start = i * columns;
      for (let j = i; j < columns; j++) sums[start + j]! += value * a[offset + j]!;
    }
    await pacer.pause();
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) sums[i * columns + j] = sums[j * columns + i]!;
  return sums;
}

/** Holds nothing, so that `dispose` has nothing to do and everyone may share it. */
export const plainAlgebra: Algebra = { prepare, gram, dispose: () => undefined };
