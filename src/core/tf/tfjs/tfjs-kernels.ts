/**
 * {@link Kernels} on a tfjs backend. On wasm, where tfjs has no gradient of a convolution to its filter,
 * both convolution gradients are composed from the forward convolution (see `conv-gradients.ts`);
 * batch norm's statistics are matrix products, which wasm does fastest.
 */
import type * as tfjs from '@tensorflow/tfjs';
import { Random } from '../../random.ts';
import type { BatchNormResult, Kernels, SgdSettings, Shape, Variable } from '../kernels.ts';
import {
  convGradFilter,
  convGradInput,
  convolve,
  spreadInto,
  type Tfjs,
} from './conv-gradients.ts';
import { averagePool2Gradient, maxPoolGradient } from './pool-gradients.ts';

export interface TfjsTensor {
  readonly shape: Shape;
  readonly value: tfjs.Tensor;
}

/** A variable in a tfjs backend, with its momentum buffer when it is trained. */
export interface TfjsVariable extends Variable {
  value: tfjs.Tensor;
  velocity: tfjs.Tensor | null;
}

const wrap = (value: tfjs.Tensor): TfjsTensor => ({ shape: value.shape, value });

export class TfjsKernels implements Kernels<TfjsTensor> {
  private readonly tf: Tfjs;

  constructor(tf: Tfjs) {
    this.tf = tf;
  }

  constant(shape: Shape, data: Float32Array): TfjsTensor {
    return wrap(this.tf.tensor(data, [...shape], 'float32'));
  }

  normalisePixels(pixels: TfjsTensor, scale: TfjsTensor, offset: TfjsTensor): TfjsTensor {
    return this.tidy((tf) =>
      tf.add(tf.mul(tf.cast(pixels.value, 'float32'), scale.value), offset.value),
    );
  }

  conv2d(x: TfjsTensor, filter: TfjsTensor, stride: number): TfjsTensor {
    return this.tidy((tf) => convolve(tf, x.value, filter.value, stride));
  }

  conv2dGradInput(
    dy: TfjsTensor,
    filter: TfjsTensor,
    inputShape: Shape,
    stride: number,
  ): TfjsTensor {
    return this.tidy((tf) => convGradInput(tf, dy.value, filter.value, inputShape, stride));
  }

  conv2dGradFilter(dy: TfjsTensor, x: TfjsTensor, filterShape: Shape, stride: number): TfjsTensor {
    return this.tidy((tf) => convGradFilter(tf, dy.value, x.value, filterShape, stride));
  }

  batchNormTrain(
    x: TfjsTensor,
    gamma: TfjsTensor,
    beta: TfjsTensor,
    epsilon: number,
  ): BatchNormResult<TfjsTensor> {
    const { tf } = this;
    const [y, mean, unbiased, inverse] = tidyAll(tf, () => {
      const [rows, channels] = asRows(x.shape);
      const centre = tf.div(columnSums(tf, x.value, channels), rows);
      // Two passes: E[x²] - E[x]² would lose all digits where the mean is far from zero.
      const centred = tf.sub(x.value, centre);
      const variance = tf.div(columnSums(tf, tf.square(centred), channels), rows);
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
      const scaled = tf.mul(centred, tf.mul(inverseDeviation, gamma.value));
      return [
        tf.add(scaled, beta.value),
        centre,
        tf.mul(variance, rows / Math.max(1, rows - 1)),
        inverseDeviation,
      ];
    });
    const savedMean = tf.clone(mean!);
    return {
      y: wrap(y!),
      mean: wrap(mean!),
      variance: wrap(unbiased!),
      saved: [wrap(savedMean), wrap(inverse!)],
    };
  }

  batchNormGrad(
    dy: TfjsTensor,
    x: TfjsTensor,
    gamma: TfjsTensor,
    saved: readonly TfjsTensor[],
  ): { dx: TfjsTensor; dgamma: TfjsTensor; dbeta: TfjsTensor } {
    const { tf } = this;
    const [mean, inverse] = saved as [TfjsTensor, TfjsTensor];
    const [dx, dgamma, dbeta] = tidyAll(tf, () => {
      const [rows, channels] = asRows(x.shape);
      const normalised = tf.mul(tf.sub(x.value, mean.value), inverse.value);
      const toBeta = columnSums(tf, dy.value, channels);
      const toGamma = columnSums(tf, tf.mul(dy.value, normalised), channels);
      // dx = γ/σ · (dy - mean(dy) - x̂ · mean(dy·x̂)), Ioffe & Szegedy 2015.
      const centred = tf.sub(dy.value, tf.div(toBeta, rows));
      const projected = tf.sub(centred, tf.mul(normalised, tf.div(toGamma, rows)));
      return [tf.mul(projected, tf.mul(gamma.value, inverse.value)), toGamma, toBeta];
    });
    return { dx: wrap(dx!), dgamma: wrap(dgamma!), dbeta: wrap(dbeta!) };
  }

  batchNormInfer(
    x: TfjsTensor,
    gamma: TfjsTensor,
    beta: TfjsTensor,
    mean: TfjsTensor,
    variance: TfjsTensor,
    epsilon: number,
  ): TfjsTensor {
    return this.tidy((tf) => {
      const scale = tf.mul(gamma.value, tf.rsqrt(tf.add(variance.value, epsilon)));
      return tf.add(tf.mul(x.value, scale), tf.sub(beta.value, tf.mul(mean.value, scale)));
    });
  }

  batchNormInferGrad(
    dy: TfjsTensor,
    gamma: TfjsTensor,
    variance: TfjsTensor,
    epsilon: number,
  ): TfjsTensor {
    return this.tidy((tf) =>
      tf.mul(dy.value, tf.mul(gamma.value, tf.rsqrt(tf.add(variance.value, epsilon)))),
    );
  }

  relu(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.relu(x.value));
  }

  reluGrad(dy: TfjsTensor, y: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.mul(dy.value, tf.step(y.value)));
  }

  add(a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.add(a.value, b.value));
  }

  multiply(a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.mul(a.value, b.value));
  }

  scale(x: TfjsTensor, factor: number): TfjsTensor {
    return this.tidy((tf) => tf.mul(x.value, factor));
  }

  sign(x: TfjsTensor): TfjsTensor {
    // wasm has no Sign kernel.
    return this.tidy((tf) => tf.sub(tf.step(x.value), tf.step(tf.neg(x.value))));
  }

  minimum(x: TfjsTensor, limit: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.minimum(x.value, limit.value));
  }

  maxPool(x: TfjsTensor, kernel: number, stride: number): TfjsTensor {
    return this.tidy((tf) => tf.maxPool(x.value as tfjs.Tensor4D, kernel, stride, kernel >> 1));
  }

  maxPoolGrad(
    dy: TfjsTensor,
    x: TfjsTensor,
    y: TfjsTensor,
    kernel: number,
    stride: number,
  ): TfjsTensor {
    const [gradients, inputs, outputs] = [dy, x, y].map(({ value }) => value.dataSync());
    const dx = maxPoolGradient(gradients!, inputs!, outputs!, x.shape, y.shape, kernel, stride);
    return this.constant(x.shape, dx);
  }

  averagePool2(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.avgPool(x.value as tfjs.Tensor4D, 2, 2, 'valid'));
  }

  averagePool2Grad(dy: TfjsTensor, inputShape: Shape): TfjsTensor {
    return this.constant(
      inputShape,
      averagePool2Gradient(dy.value.dataSync(), dy.shape, inputShape),
    );
  }

  everySecondPixel(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.stridedSlice(x.value, [0, 0, 0, 0], [...x.shape], [1, 2, 2, 1]));
  }

  everySecondPixelGrad(dy: TfjsTensor, inputShape: Shape): TfjsTensor {
    return this.tidy((tf) => spreadInto(tf, dy.value, inputShape, 2));
  }

  padChannels(x: TfjsTensor, before: number, after: number): TfjsTensor {
    return this.tidy((tf) =>
      tf.pad(x.value, [
        ...x.shape.slice(0, -1).map((): [number, number] => [0, 0]),
        [before, after],
      ]),
    );
  }

  sliceChannels(x: TfjsTensor, from: number, count: number): TfjsTensor {
    const outer = x.shape.slice(0, -1);
    return this.tidy((tf) => tf.slice(x.value, [...outer.map(() => 0), from], [...outer, count]));
  }

  concatChannels(a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.concat([a.value, b.value], a.shape.length - 1));
  }

  meanOverSpace(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.mean(x.value, [1, 2]));
  }

  meanOverSpaceGrad(dy: TfjsTensor, inputShape: Shape): TfjsTensor {
    const [n, h, w, c] = inputShape as [number, number, number, number];
    return this.tidy((tf) =>
      tf.tile(tf.reshape(tf.div(dy.value, h * w), [n, 1, 1, c]), [1, h, w, 1]),
    );
  }

  matMul(a: TfjsTensor, b: TfjsTensor, transposeA: boolean, transposeB: boolean): TfjsTensor {
    return this.tidy((tf) => tf.matMul(a.value, b.value, transposeA, transposeB));
  }

  addBias(x: TfjsTensor, bias: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.add(x.value, bias.value));
  }

  sumOverRows(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.sum(x.value, 0));
  }

  sumOfEachRow(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.sum(x.value, 1));
  }

  scaleRows(x: TfjsTensor, factors: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.mul(x.value, tf.reshape(factors.value, [x.shape[0]!, 1])));
  }

  sliceRows(x: TfjsTensor, from: number, count: number): TfjsTensor {
    return this.tidy((tf) => tf.slice(x.value, [from, 0], [count, x.shape[1]!]));
  }

  padRows(x: TfjsTensor, before: number, after: number): TfjsTensor {
    return this.tidy((tf) =>
      tf.pad(x.value, [
        [before, after],
        [0, 0],
      ]),
    );
  }

  rsqrt(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.rsqrt(x.value));
  }

  softmaxCrossEntropy(
    logits: TfjsTensor,
    labels: TfjsTensor,
  ): { loss: TfjsTensor; gradient: TfjsTensor } {
    const { tf } = this;
    const [loss, gradient] = tidyAll(tf, () => {
      const shifted = tf.sub(logits.value, tf.max(logits.value, 1, true));
      const logSum = tf.log(tf.sum(tf.exp(shifted), 1, true));
      const logProbability = tf.sub(shifted, logSum);
      return [
        tf.neg(tf.sum(tf.mul(labels.value, logProbability), 1)),
        tf.sub(tf.exp(logProbability), labels.value),
      ];
    });
    return { loss: wrap(loss!), gradient: wrap(gradient!) };
  }

  logSumExp(rows: TfjsTensor): { value: TfjsTensor; gradient: TfjsTensor } {
    return {
      value: this.tidy((tf) => {
        const highest = tf.max(rows.value, 1, true);
        const sums = tf.sum(tf.exp(tf.sub(rows.value, highest)), 1);
        return tf.add(tf.log(sums), tf.reshape(highest, [rows.shape[0]!]));
      }),
      gradient: this.tidy((tf) => tf.softmax(rows.value)),
    };
  }

  oneHotOfLargest(rows: TfjsTensor): TfjsTensor {
    return this.tidy((tf) =>
      tf.cast(tf.oneHot(tf.argMax<tfjs.Tensor1D>(rows.value, 1), rows.shape[1]!), 'float32'),
    );
  }

  mean(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.mean(x.value));
  }

  sumAbs(x: TfjsTensor): TfjsTensor {
    return this.tidy((tf) => tf.sum(tf.abs(x.value)));
  }

  dropoutMask(shape: Shape, rate: number, seed: TfjsTensor, layer: number): TfjsTensor {
    const random = new Random(...(seed.value.dataSync() as Int32Array), layer);
    const mask = new Float32Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < rate ? 0 : 1 / (1 - rate);
    return this.constant(shape, mask);
  }

  read(variable: Variable): TfjsTensor {
    return wrap(this.tf.clone((variable as TfjsVariable).value));
  }

  applySgd(
    variable: Variable,
    value: TfjsTensor,
    gradient: TfjsTensor,
    learningRate: TfjsTensor,
    { momentum, nesterov, weightDecay }: SgdSettings,
  ): void {
    const target = variable as TfjsVariable;
    const { tf } = this;
    const { velocity } = target;
    if (!velocity) throw new Error(`${variable.name} has no velocity: it is not trained`);
    const [nextVelocity, nextValue] = tidyAll(tf, () => {
      const total = tf.add(gradient.value, tf.mul(value.value, weightDecay));
      const moved = tf.add(tf.mul(velocity, momentum), total);
      const step = nesterov ? tf.add(total, tf.mul(moved, momentum)) : moved;
      return [moved, tf.sub(value.value, tf.mul(step, learningRate.value))];
    });
    velocity.dispose();
    target.value.dispose();
    target.velocity = nextVelocity!;
    target.value = nextValue!;
  }

  moveTowards(variable: Variable, target: TfjsTensor, rate: number): void {
    const moved = variable as TfjsVariable;
    const { tf } = this;
    const next = tf.tidy(() =>
      tf.add(moved.value, tf.mul(tf.sub(target.value, moved.value), rate)),
    );
    moved.value.dispose();
    moved.value = next;
  }

  share(x: TfjsTensor): TfjsTensor {
    return wrap(this.tf.clone(x.value));
  }

  free(...tensors: readonly TfjsTensor[]): void {
    for (const { value } of tensors) value.dispose();
  }

  private tidy(compute: (tf: Tfjs) => tfjs.Tensor): TfjsTensor {
    return wrap(this.tf.tidy(() => compute(this.tf)));
  }
}

const tidyAll = (tf: Tfjs, compute: () => tfjs.Tensor[]): tfjs.Tensor[] => tf.tidy(compute);

const asRows = (shape: Shape): [rows: number, channels: number] => {
  const channels = shape[shape.length - 1]!;
  return [shape.reduce((a, b) => a * b, 1) / channels, channels];
};

/** Sum over everything but channels, as a product with a row of ones. */
const columnSums = (tf: Tfjs, x: tfjs.Tensor, channels: number): tfjs.Tensor => {
  const rows = x.size / channels;
  const sums = tf.matMul(tf.ones([1, rows]), tf.reshape<tfjs.Rank.R2>(x, [rows, channels]));
  return tf.reshape(sums, [channels]);
};
