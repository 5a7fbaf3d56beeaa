/** Products of matrices by a tfjs backend; in plain JavaScript where they must be in float64, which tfjs has not. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { AppError } from '../../errors.ts';
import type { Algebra, Operand, OperandShape } from '../../linalg/algebra.ts';
import { plainAlgebra } from '../../linalg/plain-algebra.ts';
import { Pacer } from '../../pace.ts';
import type { Tfjs } from './conv-gradients.ts';

/** tfjs multiplies on this thread: parts of so many multiplications let others have their turn in between. */
const MULTIPLICATIONS_AT_ONCE = 2 ** 28;

export class TfjsAlgebra implements Algebra {
  private readonly tf: Tfjs;
  private readonly tensors = new Map<Float32Array, Tensor2D>();
  private disposed = false;

  constructor(tf: Tfjs) {
    this.tf = tf;
  }

  prepare(b: Float32Array, shape: OperandShape, transposed?: boolean): Operand;
  prepare(b: Float64Array, shape: OperandShape, transposed?: boolean): Operand<Float64Array>;
  prepare(
    b: Float32Array | Float64Array,
    shape: OperandShape,
    transposed = false,
  ): Operand | Operand<Float64Array> {
    if (this.disposed)
      throw new AppError('internal', 'Products of matrices were asked of what was disposed of.');
    if (b instanceof Float64Array) return plainAlgebra.prepare(b, shape, transposed);
    const { inner, columns } = shape;
    let right = this.tensors.get(b);
    if (!right) {
      right = this.tf.tensor2d(b.slice(), transposed ? [columns, inner] : [inner, columns]);
      this.tensors.set(b, right);
    }
    const known = right;
    return { multiply: (a, rows) => this.multiply(known, a, rows, shape, transposed) };
  }

  gram(a: Float32Array, rows: number, columns: number): Promise<Float64Array> {
    return plainAlgebra.gram(a, rows, columns);
  }

  dispose(): void {
    this.disposed = true;
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }

  private async multiply(
    right: Tensor2D,
    a: Float32Array,
    rows: number,
    { inner, columns }: OperandShape,
    transposed: boolean,
  ): Promise<Float32Array> {
    const result = new Float32Array(rows * columns);
    const pacer = new Pacer();
    const part = Math.max(1, Math.floor(MULTIPLICATIONS_AT_ONCE / (inner * columns)));
    for (let row = 0; row < rows; row += part) {
      const count = Math.min(part, rows - row);
      const left = this.tf.tensor2d(a.slice(row * inner, (row + count) * inner), [count, inner]);
      const product = this.tf.matMul(left, right, false, transposed);
      result.set(await product.data(), row * columns);
      left.dispose();
      product.dispose();
      await pacer.pause();
    }
    return result;
  }
}
