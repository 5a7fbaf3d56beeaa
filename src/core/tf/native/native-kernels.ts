/** {@link Kernels} as TensorFlow ops, on whatever executor it is given. */
import type { BatchNormResult, Kernels, SgdSettings, Shape, Variable } from '../kernels.ts';
import { convOutputSize } from '../conv-geometry.ts';
import { attribute, DataType, type Attribute } from './binding.ts';
import type { Executor, NativeTensor, NativeVariable, TensorSpec } from './executor.ts';

const { float32, int32 } = DataType;
const T = attribute.type('T', float32);
const nhwc = attribute.string('data_format', 'NHWC');
const variableType = attribute.type('dtype', float32);

const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

function convAttributes(kernel: number, stride: number): Attribute[] {
  const pad = kernel >> 1;
  const same = stride === 1;
  return [
    T,
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

  constructor(executor: Executor) {
    this.executor = executor;
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
    return this.one('Conv2D', convAttributes(kernel, stride), [x, filter], shape);
  }

  conv2dGradInput(
    dy: NativeTensor,
    filter: NativeTensor,
    inputShape: Shape,
    stride: number,
  ): NativeTensor {
    const sizes = this.int32Vector(inputShape);
    const attributes = convAttributes(filter.shape[0]!, stride);
    const dx = this.one('Conv2DBackpropInput', attributes, [sizes, filter, dy], inputShape);
    this.free(sizes);
    return dx;
  }

  conv2dGradFilter(
    dy: NativeTensor,
    x: NativeTensor,
    filterShape: Shape,
    stride: number,
  ): NativeTensor {
    const sizes = this.int32Vector(filterShape);
    const attributes = convAttributes(filterShape[0]!, stride);
    const df = this.one('Conv2DBackpropFilter', attributes, [x, sizes, dy], filterShape);
    this.free(sizes);
    return df;
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
      [...batchNormAttributes(epsilon, true), attribute.float('exponential_avg_factor', 1)],
      [x, gamma, beta, empty, empty],
      [{ shape: x.shape, dtype: float32 }, channel, channel, channel, channel, channel],
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
    const [dx, dgamma, dbeta, ...rest] = this.executor.execute(
      'FusedBatchNormGradV3',
      batchNormAttributes(epsilon, true),
      [dy, x, gamma, ...saved],
      [{ shape: x.shape, dtype: float32 }, channel, channel, unused, unused],
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
      [...batchNormAttributes(epsilon, false), attribute.float('exponential_avg_factor', 1)],
      [x, gamma, beta, mean, variance],
      [{ shape: x.shape, dtype: float32 }, channel, channel, channel, channel, channel],
    );
    this.free(...rest);
    return y!;
  }

  relu(x: NativeTensor): NativeTensor {
    return this.one('Relu', [T], [x], x.shape);
  }

  reluGrad(dy: NativeTensor, y: NativeTensor): NativeTensor {
    return this.one('ReluGrad', [T], [dy, y], y.shape);
  }

  add(a: NativeTensor, b: NativeTensor): NativeTensor {
    return this.one('AddV2', [T], [a, b], larger(a, b));
  }

  multiply(a: NativeTensor, b: NativeTensor): NativeTensor {
    return this.one('Mul', [T], [a, b], larger(a, b));
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

  meanOverSpace(x: NativeTensor): NativeTensor {
    return this.reduce('Mean', x, [1, 2], [x.shape[0]!, x.shape[3]!]);
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

  private one(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeTensor[],
    shape: Shape,
  ): NativeTensor {
    return this.executor.execute(op, attributes, inputs, [{ shape, dtype: float32 }])[0]!;
  }

  private reduce(op: string, x: NativeTensor, axes: readonly number[], shape: Shape): NativeTensor {
    const axisTensor = this.int32Vector(axes);
    const attributes = [attribute.bool('keep_dims', false), T, attribute.type('Tidx', int32)];
    const reduced = this.one(op, attributes, [x, axisTensor], shape);
    this.free(axisTensor);
    return reduced;
  }

  private int32Vector(values: readonly number[]): NativeTensor {
    return this.executor.constant([values.length], int32, Int32Array.from(values));
  }
}

const batchNormAttributes = (epsilon: number, training: boolean): Attribute[] => [
  T,
  attribute.type('U', float32),
  attribute.float('epsilon', epsilon),
  nhwc,
  attribute.bool('is_training', training),
];

const larger = (a: NativeTensor, b: NativeTensor): Shape =>
  sizeOf(a.shape) >= sizeOf(b.shape) ? a.shape : b.shape;
