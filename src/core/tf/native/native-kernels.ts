/** {@link Kernels} as TensorFlow ops, on whatever executor it is given. */
import type { BatchNormResult, Kernels, SgdSettings, Shape, Variable } from '../kernels.ts';
import { convOutputSize } from '../conv-geometry.ts';
import { attribute, DataType, type Attribute, type DataTypeId } from './binding.ts';
import type { Precision } from '../precision.ts';
import type { Executor, NativeTensor, NativeVariable, TensorSpec } from './executor.ts';

const { bfloat16, float32, int32 } = DataType;
const T = attribute.type('T', float32);
const typed = (x: NativeTensor): Attribute => attribute.type('T', x.dtype);
const nhwc = attribute.string('data_format', 'NHWC');
const variableType = attribute.type('dtype', float32);

const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** @param padded the input has its padding already */
function convAttributes(
  type: Attribute,
  kernel: number,
  stride: number,
  padded = false,
): Attribute[] {
  const pad = padded ? 0 : kernel >> 1;
  const same = stride === 1;
  return [
    type,
    attribute.ints('strides', [1, stride, stride, 1]),
    // With stride 1 and an odd kernel, SAME is the symmetric padding and has the faster kernels.
    attribute.string('padding', same ? 'SAME' : pad === 0 ? 'VALID' : 'EXPLICIT'),
    ...(same || pad === 0
      ? []
      : [attribute.ints('explicit_paddings', [0, 0, pad, pad, pad, pad, 0, 0])]),
    nhwc,
    attribute.bool('use_cudnn_on_gpu', true),
    attribute.ints('dilations', [1, 1, 1, 1]),
  ];
}

export class NativeKernels implements Kernels<NativeTensor> {
  private readonly executor: Executor;
  private readonly convType: typeof float32 | typeof bfloat16;

  /** @param precision see {@link Precision} */
  constructor(executor: Executor, precision: Precision = 'fp32') {
    this.executor = executor;
    this.convType = precision === 'bf16' ? bfloat16 : float32;
  }

  constant(shape: Shape, data: Float32Array): NativeTensor {
    return this.executor.constant(shape, float32, data);
  }

  normalisePixels(pixels: NativeTensor, scale: NativeTensor, offset: NativeTensor): NativeTensor {
    const [floats] = this.executor.execute(
      'Cast',
      [attribute.type('SrcT', DataType.uint8), attribute.type('DstT', float32)],
      [pixels],
      [{ shape: pixels.shape, dtype: float32 }],
    );
    const scaled = this.one('Mul', [T], [floats!, scale], pixels.shape);
    const shifted = this.one('AddV2', [T], [scaled, offset], pixels.shape);
    this.free(floats!, scaled);
    return shifted;
  }

  conv2d(x: NativeTensor, filter: NativeTensor, stride: number): NativeTensor {
    const [n, h, w] = x.shape as [number, number, number];
    const [kernel, , , out] = filter.shape as [number, number, number, number];
    const shape = [n, convOutputSize(h, kernel, stride), convOutputSize(w, kernel, stride), out];
    const attributes = convAttributes(this.convTypeAttribute(), kernel, stride);
    return this.withConvType([x, filter], (inputs) =>
      this.one('Conv2D', attributes, inputs, shape, this.convType),
    );
  }

  conv2dGradInput(
    dy: NativeTensor,
    filter: NativeTensor,
    inputShape: Shape,
    stride: number,
  ): NativeTensor {
    const kernel = filter.shape[0]!;
    const apart = padsApart(kernel, stride);
    const [n, h, w, c] = inputShape as [number, number, number, number];
    const pad = kernel >> 1;
    const shape = apart ? [n, h + 2 * pad, w + 2 * pad, c] : inputShape;
    const sizes = this.int32Vector(shape);
    const attributes = convAttributes(this.convTypeAttribute(), kernel, stride, apart);
    const dx = this.withConvType([filter, dy], ([f, d]) =>
      this.one('Conv2DBackpropInput', attributes, [sizes, f!, d!], shape, this.convType),
    );
    this.free(sizes);
    if (!apart) return dx;
    const begin = this.int32Vector([0, pad, pad, 0]);
    const size = this.int32Vector(inputShape);
    const inner = this.one(
      'Slice',
      [typed(dx), indexType],
      [dx, begin, size],
      inputShape,
      dx.dtype,
    );
    this.free(begin, size, dx);
    return inner;
  }

  /** Always float32, as weights and momentum are. */
  conv2dGradFilter(
    dy: NativeTensor,
    x: NativeTensor,
    filterShape: Shape,
    stride: number,
  ): NativeTensor {
    const kernel = filterShape[0]!;
    const apart = padsApart(kernel, stride);
    const sizes = this.int32Vector(filterShape);
    const attributes = convAttributes(this.convTypeAttribute(), kernel, stride, apart);
    const df = this.withConvType([x, dy], ([image, d]) => {
      const input = apart ? this.padSpace(image!, kernel >> 1) : image!;
      const inputs = [input, sizes, d!];
      const result = this.one(
        'Conv2DBackpropFilter',
        attributes,
        inputs,
        filterShape,
        this.convType,
      );
      if (apart) this.free(input);
      return result;
    });
    this.free(sizes);
    return this.consumedAs(df, float32);
  }

  batchNormTrain(
    x: NativeTensor,
    gamma: NativeTensor,
    beta: NativeTensor,
    epsilon: number,
  ): BatchNormResult<NativeTensor> {
    const empty = this.executor.constant([0], float32, new Float32Array(0));
    const channel: TensorSpec = { shape: gamma.shape, dtype: float32 };
    const [y, mean, variance, ...saved] = this.executor.execute(
      'FusedBatchNormV3',
      [...batchNormAttributes(x, epsilon, true), attribute.float('exponential_avg_factor', 1)],
      [x, gamma, beta, empty, empty],
      [{ shape: x.shape, dtype: x.dtype }, channel, channel, channel, channel, channel],
    );
    this.free(empty);
    return { y: y!, mean: mean!, variance: variance!, saved };
  }

  batchNormGrad(
    dy: NativeTensor,
    x: NativeTensor,
    gamma: NativeTensor,
    saved: readonly NativeTensor[],
    epsilon: number,
  ): { dx: NativeTensor; dgamma: NativeTensor; dbeta: NativeTensor } {
    const channel: TensorSpec = { shape: gamma.shape, dtype: float32 };
    const unused: TensorSpec = { shape: [0], dtype: float32 };
    const [dx, dgamma, dbeta, ...rest] = this.withType(x.dtype, [dy], ([d]) =>
      this.executor.execute(
        'FusedBatchNormGradV3',
        batchNormAttributes(x, epsilon, true),
        [d!, x, gamma, ...saved],
        [{ shape: x.shape, dtype: x.dtype }, channel, channel, unused, unused],
      ),
    );
    this.free(...rest);
    return { dx: dx!, dgamma: dgamma!, dbeta: dbeta! };
  }

  batchNormInfer(
    x: NativeTensor,
    gamma: NativeTensor,
    beta: NativeTensor,
    mean: NativeTensor,
    variance: NativeTensor,
    epsilon: number,
  ): NativeTensor {
    const channel: TensorSpec = { shape: gamma.shape, dtype: float32 };
    const [y, ...rest] = this.executor.execute(
      'FusedBatchNormV3',
      [...batchNormAttributes(x, epsilon, false), attribute.float('exponential_avg_factor', 1)],
      [x, gamma, beta, mean, variance],
      [{ shape: x.shape, dtype: x.dtype }, channel, channel, channel, channel, channel],
    );
    this.free(...rest);
    return y!;
  }

  batchNormInferGrad(
    dy: NativeTensor,
    gamma: NativeTensor,
    variance: NativeTensor,
    epsilon: number,
  ): NativeTensor {
    // The same affine map without its constant part.
    const zeros = this.constant(gamma.shape, new Float32Array(gamma.shape[0]!));
    const dx = this.batchNormInfer(dy, gamma, zeros, zeros, variance, epsilon);
    this.free(zeros);
    return dx;
  }

  relu(x: NativeTensor): NativeTensor {
    return this.one('Relu', [typed(x)], [x], x.shape, x.dtype);
  }

  reluGrad(dy: NativeTensor, y: NativeTensor): NativeTensor {
    return this.withType(y.dtype, [dy], ([d]) =>
      this.one('ReluGrad', [typed(y)], [d!, y], y.shape, y.dtype),
    );
  }

  add(a: NativeTensor, b: NativeTensor): NativeTensor {
    return this.withType(a.dtype, [b], ([other]) =>
      this.one('AddV2', [typed(a)], [a, other!], larger(a, b), a.dtype),
    );
  }

  multiply(a: NativeTensor, b: NativeTensor): NativeTensor {
    return this.withType(a.dtype, [b], ([other]) =>
      this.one('Mul', [typed(a)], [a, other!], larger(a, b), a.dtype),
    );
  }

  scale(x: NativeTensor, factor: number): NativeTensor {
    const scalar = this.constant([], Float32Array.of(factor));
    const scaled = this.multiply(x, scalar);
    this.free(scalar);
    return scaled;
  }

  sign(x: NativeTensor): NativeTensor {
    return this.one('Sign', [T], [x], x.shape);
  }

  minimum(x: NativeTensor, limit: NativeTensor): NativeTensor {
    return this.one('Minimum', [T], [x, limit], x.shape);
  }

  maxPool(x: NativeTensor, kernel: number, stride: number): NativeTensor {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const shape = [n, convOutputSize(h, kernel, stride), convOutputSize(w, kernel, stride), c];
    return this.one('MaxPool', poolAttributes(x, kernel, stride), [x], shape, x.dtype);
  }

  maxPoolGrad(
    dy: NativeTensor,
    x: NativeTensor,
    y: NativeTensor,
    kernel: number,
    stride: number,
  ): NativeTensor {
    return this.withType(x.dtype, [dy], ([d]) =>
      this.one('MaxPoolGrad', poolAttributes(x, kernel, stride), [x, y, d!], x.shape, x.dtype),
    );
  }

  averagePool2(x: NativeTensor): NativeTensor {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    return this.withType(float32, [x], ([image]) =>
      this.one('AvgPool', averagePoolAttributes, [image!], [n, h >> 1, w >> 1, c]),
    );
  }

  averagePool2Grad(dy: NativeTensor, inputShape: Shape): NativeTensor {
    const sizes = this.int32Vector(inputShape);
    const dx = this.withType(float32, [dy], ([d]) =>
      this.one('AvgPoolGrad', averagePoolAttributes, [sizes, d!], inputShape),
    );
    this.free(sizes);
    return dx;
  }

  everySecondPixel(x: NativeTensor): NativeTensor {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const slice = this.secondPixels(x.shape);
    const y = this.one(
      'StridedSlice',
      [typed(x), indexType],
      [x, ...slice],
      [n, (h + 1) >> 1, (w + 1) >> 1, c],
      x.dtype,
    );
    this.free(...slice);
    return y;
  }

  everySecondPixelGrad(dy: NativeTensor, inputShape: Shape): NativeTensor {
    const slice = this.secondPixels(inputShape);
    const sizes = this.int32Vector(inputShape);
    const dx = this.one(
      'StridedSliceGrad',
      [typed(dy), indexType],
      [sizes, ...slice, dy],
      inputShape,
      dy.dtype,
    );
    this.free(...slice, sizes);
    return dx;
  }

  padChannels(x: NativeTensor, before: number, after: number): NativeTensor {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    return this.pad(x, [0, 0, 0, 0, 0, 0, before, after], [n, h, w, before + c + after]);
  }

  sliceChannels(x: NativeTensor, from: number, count: number): NativeTensor {
    const shape = [...x.shape.slice(0, -1), count];
    const begin = this.int32Vector([...x.shape.slice(0, -1).map(() => 0), from]);
    const size = this.int32Vector(shape);
    const y = this.one('Slice', [typed(x), indexType], [x, begin, size], shape, x.dtype);
    this.free(begin, size);
    return y;
  }

  concatChannels(a: NativeTensor, b: NativeTensor): NativeTensor {
    const axis = this.executor.constant([], int32, Int32Array.of(a.shape.length - 1));
    const shape = [...a.shape.slice(0, -1), a.shape.at(-1)! + b.shape.at(-1)!];
    const attributes = [attribute.int('N', 2), typed(a), attribute.type('Tidx', int32)];
    const y = this.withType(a.dtype, [b], ([other]) =>
      this.one('ConcatV2', attributes, [a, other!, axis], shape, a.dtype),
    );
    this.free(axis);
    return y;
  }

  /** Always float32: features, logits and losses are. */
  meanOverSpace(x: NativeTensor): NativeTensor {
    return this.withType(float32, [x], ([image]) =>
      this.reduce('Mean', image!, [1, 2], [x.shape[0]!, x.shape[3]!]),
    );
  }

  meanOverSpaceGrad(dy: NativeTensor, inputShape: Shape): NativeTensor {
    const [n, h, w, c] = inputShape as [number, number, number, number];
    const scaled = this.scale(dy, 1 / (h * w));
    const asPixel = this.int32Vector([n, 1, 1, c]);
    const repeats = this.int32Vector([1, h, w, 1]);
    const index = attribute.type('Tshape', int32);
    const pixel = this.one('Reshape', [T, index], [scaled, asPixel], [n, 1, 1, c]);
    const multiples = attribute.type('Tmultiples', int32);
    const dx = this.one('Tile', [T, multiples], [pixel, repeats], inputShape);
    this.free(scaled, asPixel, repeats, pixel);
    return dx;
  }

  matMul(a: NativeTensor, b: NativeTensor, transposeA: boolean, transposeB: boolean): NativeTensor {
    const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!];
    const attributes = [
      T,
      attribute.bool('transpose_a', transposeA),
      attribute.bool('transpose_b', transposeB),
    ];
    return this.one('MatMul', attributes, [a, b], shape);
  }

  addBias(x: NativeTensor, bias: NativeTensor): NativeTensor {
    return this.one('BiasAdd', [T, nhwc], [x, bias], x.shape);
  }

  sumOverRows(x: NativeTensor): NativeTensor {
    return this.one('BiasAddGrad', [T, nhwc], [x], [x.shape[1]!]);
  }

  sumOfEachRow(x: NativeTensor): NativeTensor {
    return this.reduce('Sum', x, [1], [x.shape[0]!]);
  }

  scaleRows(x: NativeTensor, factors: NativeTensor): NativeTensor {
    const rows = x.shape[0]!;
    const asColumn = this.int32Vector([rows, 1]);
    const index = attribute.type('Tshape', int32);
    const column = this.one('Reshape', [T, index], [factors, asColumn], [rows, 1]);
    const scaled = this.one('Mul', [T], [x, column], x.shape);
    this.free(asColumn, column);
    return scaled;
  }

  sliceRows(x: NativeTensor, from: number, count: number): NativeTensor {
    const shape = [count, x.shape[1]!];
    const begin = this.int32Vector([from, 0]);
    const size = this.int32Vector(shape);
    const y = this.one('Slice', [typed(x), indexType], [x, begin, size], shape, x.dtype);
    this.free(begin, size);
    return y;
  }

  padRows(x: NativeTensor, before: number, after: number): NativeTensor {
    const [rows, columns] = x.shape as [number, number];
    return this.pad(x, [before, after, 0, 0], [before + rows + after, columns]);
  }

  rsqrt(x: NativeTensor): NativeTensor {
    return this.one('Rsqrt', [T], [x], x.shape);
  }

  softmaxCrossEntropy(
    logits: NativeTensor,
    labels: NativeTensor,
  ): { loss: NativeTensor; gradient: NativeTensor } {
    const [loss, gradient] = this.executor.execute(
      'SoftmaxCrossEntropyWithLogits',
      [T],
      [logits, labels],
      [
        { shape: [logits.shape[0]!], dtype: float32 },
        { shape: logits.shape, dtype: float32 },
      ],
    );
    return { loss: loss!, gradient: gradient! };
  }

  logSumExp(rows: NativeTensor): { value: NativeTensor; gradient: NativeTensor } {
    const [n] = rows.shape as [number, number];
    const highest = this.reduce('Max', rows, [1], [n, 1], true);
    const shifted = this.one('Sub', [T], [rows, highest], rows.shape);
    const powers = this.one('Exp', [T], [shifted], rows.shape);
    const sums = this.reduce('Sum', powers, [1], [n]);
    const logarithm = this.one('Log', [T], [sums], [n]);
    const shape = this.int32Vector([n]);
    const flat = this.one('Reshape', [T, attribute.type('Tshape', int32)], [highest, shape], [n]);
    const value = this.add(logarithm, flat);
    this.free(highest, shifted, powers, sums, logarithm, shape, flat);
    return { value, gradient: this.one('Softmax', [T], [rows], rows.shape) };
  }

  oneHotOfLargest(rows: NativeTensor): NativeTensor {
    const [n, classes] = rows.shape as [number, number];
    const axis = this.executor.constant([], int32, Int32Array.of(1));
    const [index] = this.executor.execute(
      'ArgMax',
      [T, attribute.type('Tidx', int32), attribute.type('output_type', int32)],
      [rows, axis],
      [{ shape: [n], dtype: int32 }],
    );
    const depth = this.executor.constant([], int32, Int32Array.of(classes));
    const [on, off] = [1, 0].map((value) => this.constant([], Float32Array.of(value)));
    const attributes = [T, attribute.type('TI', int32), attribute.int('axis', -1)];
    const rowsOfOne = this.one('OneHot', attributes, [index!, depth, on!, off!], rows.shape);
    this.free(axis, index!, depth, on!, off!);
    return rowsOfOne;
  }

  mean(x: NativeTensor): NativeTensor {
    return this.reduce(
      'Mean',
      x,
      x.shape.map((_, axis) => axis),
      [],
    );
  }

  sumAbs(x: NativeTensor): NativeTensor {
    const absolute = this.one('Abs', [T], [x], x.shape);
    const axes = x.shape.map((_, axis) => axis);
    const sum = this.reduce('Sum', absolute, axes, []);
    this.free(absolute);
    return sum;
  }

  dropoutMask(shape: Shape, rate: number, seed: NativeTensor, layer: number): NativeTensor {
    const layerSeed = this.int32Vector([layer, 0]);
    const [mixed] = this.executor.execute(
      'AddV2',
      [attribute.type('T', int32)],
      [seed, layerSeed],
      [{ shape: [2], dtype: int32 }],
    );
    const dims = this.int32Vector(shape);
    const uniform = this.one(
      'StatelessRandomUniform',
      [
        attribute.type('dtype', float32),
        attribute.type('T', int32),
        attribute.type('Tseed', int32),
      ],
      [dims, mixed!],
      shape,
    );
    const threshold = this.constant([], Float32Array.of(rate));
    const [kept] = this.executor.execute(
      'GreaterEqual',
      [T],
      [uniform, threshold],
      [{ shape, dtype: DataType.bool }],
    );
    const [mask] = this.executor.execute(
      'Cast',
      [attribute.type('SrcT', DataType.bool), attribute.type('DstT', float32)],
      [kept!],
      [{ shape, dtype: float32 }],
    );
    const scaled = this.scale(mask!, 1 / (1 - rate));
    this.free(layerSeed, mixed!, dims, uniform, threshold, kept!, mask!);
    return scaled;
  }

  read(variable: Variable): NativeTensor {
    const { handle } = variable as NativeVariable;
    const resource = this.executor.resource(handle, variable.shape);
    return this.one('ReadVariableOp', [variableType], [resource], variable.shape);
  }

  applySgd(
    variable: Variable,
    value: NativeTensor,
    gradient: NativeTensor,
    learningRate: NativeTensor,
    { momentum, nesterov, weightDecay }: SgdSettings,
  ): void {
    const { handle, velocity } = variable as NativeVariable;
    if (!velocity) throw new Error(`${variable.name} has no velocity: it is not trained`);
    const decay = this.scale(value, weightDecay);
    const total = this.add(gradient, decay);
    const momentumScalar = this.constant([], Float32Array.of(momentum));
    this.executor.execute(
      'ResourceApplyMomentum',
      [T, attribute.bool('use_locking', false), attribute.bool('use_nesterov', nesterov)],
      [
        this.executor.resource(handle, variable.shape),
        this.executor.resource(velocity, variable.shape),
        learningRate,
        total,
        momentumScalar,
      ],
      [],
    );
    this.free(decay, total, momentumScalar);
  }

  moveTowards(variable: Variable, target: NativeTensor, rate: number): void {
    const current = this.read(variable);
    const gap = this.one('Sub', [T], [target, current], variable.shape);
    const step = this.scale(gap, rate);
    const resource = this.executor.resource((variable as NativeVariable).handle, variable.shape);
    this.executor.execute('AssignAddVariableOp', [variableType], [resource, step], []);
    this.free(current, gap, step);
  }

  share(x: NativeTensor): NativeTensor {
    return this.executor.share(x);
  }

  free(...tensors: readonly NativeTensor[]): void {
    for (const x of tensors) this.executor.free(x);
  }

  private padSpace(x: NativeTensor, pad: number): NativeTensor {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    return this.pad(x, [0, 0, pad, pad, pad, pad, 0, 0], [n, h + 2 * pad, w + 2 * pad, c]);
  }

  /** @param amounts zeros before and after, per dimension */
  private pad(x: NativeTensor, amounts: readonly number[], shape: Shape): NativeTensor {
    const paddings = this.executor.constant([x.shape.length, 2], int32, Int32Array.from(amounts));
    const attributes = [typed(x), attribute.type('Tpaddings', int32)];
    const y = this.one('Pad', attributes, [x, paddings], shape, x.dtype);
    this.free(paddings);
    return y;
  }

  private convTypeAttribute(): Attribute {
    return attribute.type('T', this.convType);
  }

  private withConvType<R>(inputs: NativeTensor[], use: (inputs: NativeTensor[]) => R): R {
    return this.withType(this.convType, inputs, use);
  }

  /** Runs `use` on the inputs in another type; what had to be cast for it is freed afterwards. */
  private withType<R>(
    dtype: DataTypeId,
    inputs: readonly NativeTensor[],
    use: (inputs: NativeTensor[]) => R,
  ): R {
    const cast = inputs.map((x) => (x.dtype === dtype ? x : this.cast(x, dtype)));
    const result = use(cast);
    cast.forEach((x, i) => {
      if (x !== inputs[i]) this.free(x);
    });
    return result;
  }

  /** The tensor in another type; the given one is freed if that makes a new one. */
  private consumedAs(x: NativeTensor, dtype: DataTypeId): NativeTensor {
    if (x.dtype === dtype) return x;
    const result = this.cast(x, dtype);
    this.free(x);
    return result;
  }

  private cast(x: NativeTensor, dtype: DataTypeId): NativeTensor {
    const attributes = [attribute.type('SrcT', x.dtype), attribute.type('DstT', dtype)];
    return this.one('Cast', attributes, [x], x.shape, dtype);
  }

  private one(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeTensor[],
    shape: Shape,
    dtype: DataTypeId = float32,
  ): NativeTensor {
    return this.executor.execute(op, attributes, inputs, [{ shape, dtype }])[0]!;
  }

  private reduce(
    op: string,
    x: NativeTensor,
    axes: readonly number[],
    shape: Shape,
    keepDimensions = false,
  ): NativeTensor {
    const axisTensor = this.int32Vector(axes);
    const attributes = [
      attribute.bool('keep_dims', keepDimensions),
      T,
      attribute.type('Tidx', int32),
    ];
    const reduced = this.one(op, attributes, [x, axisTensor], shape);
    this.free(axisTensor);
    return reduced;
  }

  /** begin, end and strides of a slice that takes every second row and column. */
  private secondPixels(shape: Shape): NativeTensor[] {
    return [[0, 0, 0, 0], shape, [1, 2, 2, 1]].map((values) => this.int32Vector(values));
  }

  private int32Vector(values: readonly number[]): NativeTensor {
    return this.executor.constant([values.length], int32, Int32Array.from(values));
  }
}

const indexType = attribute.type('Index', int32);

/**
 * The gradients of a convolution with stride and explicit padding leave oneDNN: 20 times slower than float32 in
 * bfloat16, and a matrix product per image in float32 (10% of a training step of ResNet-18). With the padding as an op
 * of its own they stay.
 */
const padsApart = (kernel: number, stride: number): boolean => stride > 1 && kernel > 1;

const poolAttributes = (x: NativeTensor, kernel: number, stride: number): Attribute[] => {
  const pad = kernel >> 1;
  return [
    typed(x),
    attribute.ints('ksize', [1, kernel, kernel, 1]),
    attribute.ints('strides', [1, stride, stride, 1]),
    attribute.string('padding', 'EXPLICIT'),
    attribute.ints('explicit_paddings', [0, 0, pad, pad, pad, pad, 0, 0]),
    nhwc,
  ];
};

const averagePoolAttributes: readonly Attribute[] = [
  T,
  attribute.ints('ksize', [1, 2, 2, 1]),
  attribute.ints('strides', [1, 2, 2, 1]),
  attribute.string('padding', 'VALID'),
  nhwc,
];

const batchNormAttributes = (x: NativeTensor, epsilon: number, training: boolean): Attribute[] => [
  typed(x),
  attribute.type('U', float32),
  attribute.float('epsilon', epsilon),
  nhwc,
  attribute.bool('is_training', training),
];

const larger = (a: NativeTensor, b: NativeTensor): Shape =>
  sizeOf(a.shape) >= sizeOf(b.shape) ? a.shape : b.shape;
