/** Products of matrices, row-major, by whatever computes them fastest here. */

/** A right-hand side that is used again and again. */
export interface Operand<A extends Float32Array | Float64Array = Float32Array> {
  /**
   * a · b for `a` of `[rows, inner]`, or a · bᵀ when it was prepared transposed; `[rows, columns]`. Computed in the
   * precision of `b`. Splitting `a` gives the same numbers to within rounding.
   */
  multiply(a: Float32Array, rows: number): Promise<A>;
}

export interface OperandShape {
  readonly inner: number;
  readonly columns: number;
}

export interface Algebra {
  /**
   * May be called for every batch: the same array is prepared once, so it must not change afterwards.
   * @param b `[inner, columns]`, or `[columns, inner]` when `transposed`
   */
  prepare(b: Float32Array, shape: OperandShape, transposed?: boolean): Operand;
  prepare(b: Float64Array, shape: OperandShape, transposed?: boolean): Operand<Float64Array>;
  /** aᵀ · a of `[rows, columns]`, in float64: `[columns, columns]`. */
  gram(a: Float32Array, rows: number, columns: number): Promise<Float64Array>;
  /** Frees what was prepared. It cannot be used afterwards. */
  dispose(): void;
}
