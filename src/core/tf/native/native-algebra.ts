/** Products of matrices by TensorFlow, on a worker thread of its own. */
import { AppError } from '../../errors.ts';
import type { Algebra, Operand, OperandShape } from '../../linalg/algebra.ts';
import { attribute, DataType, type NativeBinding } from './binding.ts';
import type { NativeTensor, TensorSpec } from './executor.ts';
import { CALL_CONFIG } from './call-config.ts';
import type { OpDef } from './op-defs.ts';
import { Tracer, type TracedFunction } from './tracer.ts';

type Values = Float32Array | Float64Array;

/** Function names are global to TensorFlow's context; this keeps algebras apart. */
let serial = 0;

/** Functions of one shape each are kept up to this many; a batch's last part has a shape of its own. */
const KEPT_FUNCTIONS = 64;

export class NativeAlgebra implements Algebra {
  private readonly binding: NativeBinding;
  private readonly opDefs: ReadonlyMap<string, OpDef>;
  private readonly functions = new Map<string, TracedFunction>();
  private readonly operands = new Map<Values, NativeOperand<Values>>();
  private readonly prefix = `straylight_algebra_${serial++}`;
  private disposed = false;

  constructor(binding: NativeBinding, opDefs: ReadonlyMap<string, OpDef>) {
    this.binding = binding;
    this.opDefs = opDefs;
  }

  prepare(b: Float32Array, shape: OperandShape, transposed?: boolean): Operand;
  prepare(b: Float64Array, shape: OperandShape, transposed?: boolean): Operand<Float64Array>;
  prepare(b: Values, shape: OperandShape, transposed = false): Operand<Values> {
    this.checkAlive();
    const known = this.operands.get(b);
    if (known) return known;
    const { inner, columns } = shape;
    const sides = transposed ? [columns, inner] : [inner, columns];
    // 64-bit numbers pass as pairs of 32-bit integers: the bindings know no others.
    const id =
      b instanceof Float64Array
        ? this.binding.tensorFromBytes([...sides, 2], DataType.int32, asInt32(b))
        : this.binding.tensorFromBytes(sides, DataType.float32, b);
    const operand: NativeOperand<Values> = new NativeOperand<Values>(id, b, (a, rows) =>
      this.multiply(operand, a, rows, shape, transposed),
    );
    this.operands.set(b, operand);
    return operand;
  }

  async gram(a: Float32Array, rows: number, columns: number): Promise<Float64Array> {
    this.checkAlive();
    const spec = { shape: [rows, columns], dtype: DataType.float32 };
    const traced = this.traced(`gram_${rows}_${columns}`, (tracer) => {
      const wide = toFloat64(tracer, tracer.input(spec));
      return fromFloat64(tracer, matMul(tracer, wide, wide, true, false));
    });
    const id = this.binding.tensorFromBytes(spec.shape, spec.dtype, a);
    return asFloat64(await this.call(traced, [id], [id]));
  }

  dispose(): void {
    this.disposed = true;
    for (const { id } of this.operands.values()) this.binding.deleteTensor(id);
    for (const { name } of this.functions.values()) this.binding.removeFunction(name);
    this.operands.clear();
    this.functions.clear();
  }

  private async multiply(
    { id: right, b }: NativeOperand<Values>,
    a: Float32Array,
    rows: number,
    { inner, columns }: OperandShape,
    transposed: boolean,
  ): Promise<Values> {
    this.checkAlive();
    const float64 = b instanceof Float64Array;
    const left: TensorSpec = { shape: [rows, inner], dtype: DataType.float32 };
    const sides = transposed ? [columns, inner] : [inner, columns];
    const key = `${float64 ? 'f64' : 'f32'}_${rows}_${inner}_${columns}_${transposed}`;
    const traced = this.traced(key, (tracer) => {
      const x = tracer.input(left);
      if (!float64) {
        const y = tracer.input({ shape: sides, dtype: DataType.float32 });
        return matMul(tracer, x, y, false, transposed);
      }
      const pairs = tracer.input({ shape: [...sides, 2], dtype: DataType.int32 });
      const y = bitcast(tracer, pairs, { shape: sides, dtype: DataType.float64 });
      return fromFloat64(tracer, matMul(tracer, toFloat64(tracer, x), y, false, transposed));
    });
    const id = this.binding.tensorFromBytes(left.shape, left.dtype, a);
    const result = await this.call(traced, [id, right], [id]);
    return float64 ? asFloat64(result) : (result as Float32Array);
  }

  private checkAlive(): void {
    if (this.disposed)
      throw new AppError('internal', 'Products of matrices were asked of what was disposed of.');
  }

  private traced(key: string, build: (tracer: Tracer) => NativeTensor): TracedFunction {
    const known = this.functions.get(key);
    if (known) {
      this.functions.delete(key);
      this.functions.set(key, known);
      return known;
    }
    const tracer = new Tracer(`${this.prefix}_${key}`, this.opDefs);
    const traced = tracer.finish([build(tracer)]);
    this.binding.registerFunction(traced.definition);
    this.functions.set(key, traced);
    const [oldest] = this.functions;
    if (this.functions.size > KEPT_FUNCTIONS) this.forget(oldest![0]);
    return traced;
  }

  private forget(key: string): void {
    this.binding.removeFunction(this.functions.get(key)!.name);
    this.functions.delete(key);
  }

  /** @param given tensors that are freed afterwards */
  private async call({ name }: TracedFunction, inputs: number[], given: number[]) {
    try {
      const [id] = await this.binding.callFunctionAsync(
        name,
        CALL_CONFIG,
        Int32Array.from(inputs),
        1,
      );
      const data = this.binding.tensorDataSync(id!);
      this.binding.deleteTensor(id!);
      return data as Float32Array | Int32Array;
    } finally {
      for (const id of given) this.binding.deleteTensor(id);
    }
  }
}

class NativeOperand<A extends Values> implements Operand<A> {
  readonly id: number;
  readonly b: A;
  readonly multiply: (a: Float32Array, rows: number) => Promise<A>;

  constructor(id: number, b: A, multiply: (a: Float32Array, rows: number) => Promise<A>) {
    this.id = id;
    this.b = b;
    this.multiply = multiply;
  }
}

const asInt32 = ({ buffer, byteOffset, length }: Float64Array): Int32Array =>
  new Int32Array(buffer, byteOffset, 2 * length);
const asFloat64 = ({ buffer, byteOffset, length }: Int32Array | Float32Array): Float64Array =>
  new Float64Array(buffer, byteOffset, length / 2);

function matMul(
  tracer: Tracer,
  a: NativeTensor,
  b: NativeTensor,
  transposeA: boolean,
  transposeB: boolean,
): NativeTensor {
  const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!];
  const attributes = [
    attribute.type('T', a.dtype),
    attribute.bool('transpose_a', transposeA),
    attribute.bool('transpose_b', transposeB),
  ];
  return tracer.execute('MatMul', attributes, [a, b], [{ shape, dtype: a.dtype }])[0]!;
}

function bitcast(tracer: Tracer, x: NativeTensor, to: TensorSpec): NativeTensor {
  const attributes = [attribute.type('T', x.dtype), attribute.type('type', to.dtype)];
  return tracer.execute('Bitcast', attributes, [x], [to])[0]!;
}

const fromFloat64 = (tracer: Tracer, x: NativeTensor): NativeTensor =>
  bitcast(tracer, x, { shape: [...x.shape, 2], dtype: DataType.int32 });

function toFloat64(tracer: Tracer, x: NativeTensor): NativeTensor {
  const attributes = [attribute.type('SrcT', x.dtype), attribute.type('DstT', DataType.float64)];
  return tracer.execute('Cast', attributes, [x], [{ ...x, dtype: DataType.float64 }])[0]!;
}
