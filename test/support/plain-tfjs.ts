/**
 * Networks in plain tfjs operations with tfjs's own automatic differentiation: the independent reference
 * for this project's gradients. Slow, and meant for tiny networks on tfjs's JavaScript backend.
 */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import {
  BATCH_NORM_EPSILON,
  batchNormNames,
  type ConvOptions,
  type Layers,
  type Network,
  type PoolOptions,
} from '../../src/core/model/layers.ts';
import type { HostTensor } from '../../src/core/tf/host-tensor.ts';

type Tfjs = typeof tfjs;

class PlainLayers implements Layers<tfjs.Tensor> {
  private readonly tf: Tfjs;
  private readonly weights: ReadonlyMap<string, tfjs.Tensor>;

  constructor(tf: Tfjs, weights: ReadonlyMap<string, tfjs.Tensor>) {
    this.tf = tf;
    this.weights = weights;
  }

  conv(x: tfjs.Tensor, name: string, { kernel, stride }: ConvOptions): tfjs.Tensor {
    const filter = this.weights.get(`${name}.weight`) as tfjs.Tensor4D;
    const pad = kernel >> 1;
    // Padding as its own op: tfjs's number padding is not differentiable for every stride.
    const padded = this.tf.pad(x, [
      [0, 0],
      [pad, pad],
      [pad, pad],
      [0, 0],
    ]);
    return this.tf.conv2d(padded as tfjs.Tensor4D, filter, stride, 'valid');
  }

  batchNorm(x: tfjs.Tensor, name: string): tfjs.Tensor {
    const { gamma, beta } = batchNormNames(name);
    const { mean, variance } = this.tf.moments(x, [0, 1, 2]);
    const deviation = this.tf.sqrt(this.tf.add(variance, BATCH_NORM_EPSILON));
    const normalised = this.tf.div(this.tf.sub(x, mean), deviation);
    const scaled = this.tf.mul(normalised, this.weights.get(gamma)!);
    return this.tf.add(scaled, this.weights.get(beta)!);
  }

  batchNormRelu(x: tfjs.Tensor, name: string): tfjs.Tensor {
    return this.relu(this.batchNorm(x, name));
  }

  relu(x: tfjs.Tensor): tfjs.Tensor {
    return this.tf.relu(x);
  }

  concat(a: tfjs.Tensor, b: tfjs.Tensor): tfjs.Tensor {
    return this.tf.concat([a, b], 3);
  }

  maxPool(x: tfjs.Tensor, { kernel, stride }: PoolOptions): tfjs.Tensor {
    return this.tf.maxPool(x as tfjs.Tensor4D, kernel, stride, kernel >> 1);
  }

  averagePool2(x: tfjs.Tensor): tfjs.Tensor {
    return this.tf.avgPool(x as tfjs.Tensor4D, 2, 2, 'valid');
  }

  subsampleAndPad(x: tfjs.Tensor, channels: number): tfjs.Tensor {
    const inputs = x.shape[3]!;
    const before = Math.floor((channels - inputs) / 2);
    // By gathering: tfjs has no gradient of a strided slice.
    const even = this.tf.range(0, x.shape[1]!, 2, 'int32');
    const small = this.tf.gather(this.tf.gather(x, even, 1), even, 2);
    return this.tf.pad(small, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, channels - inputs - before],
    ]);
  }

  add(a: tfjs.Tensor, b: tfjs.Tensor): tfjs.Tensor {
    return this.tf.add(a, b);
  }

  dropout(x: tfjs.Tensor): tfjs.Tensor {
    return x;
  }

  globalAveragePool(x: tfjs.Tensor): tfjs.Tensor {
    return this.tf.mean(x, [1, 2]);
  }

  dense(x: tfjs.Tensor, name: string): tfjs.Tensor {
    const product = this.tf.matMul(x, this.weights.get(`${name}.weight`) as tfjs.Tensor2D);
    return this.tf.add(product, this.weights.get(`${name}.bias`)!);
  }
}

export interface PlainStep {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Loss CE + λ·mean‖features‖₁ and its gradients by tfjs's tape, on tfjs's JavaScript backend. */
export async function plainGradients(
  network: Network,
  weights: ReadonlyMap<string, HostTensor>,
  trainable: readonly string[],
  /** Normalised pixels `[n, h, w, 3]`. */
  image: { readonly shape: readonly number[]; readonly data: Float32Array },
  labels: Int32Array,
  classes: number,
  lambda: number,
): Promise<PlainStep> {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as Tfjs;
  const before = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    const variables = new Map<string, tfjs.Variable>();
    for (const name of trainable) {
      const { shape, data } = weights.get(name)!;
      variables.set(name, tf.variable(tf.tensor(data, [...shape])));
    }
    const x = tf.tensor(image.data, [...image.shape]);
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), classes);
    const { value, grads } = tf.variableGrads(() => {
      const { features, logits } = network<tfjs.Tensor>(new PlainLayers(tf, variables), x);
      const logProbability = tf.logSoftmax(logits as tfjs.Tensor2D);
      const fit = tf.neg(tf.mean(tf.sum(tf.mul(y, logProbability), 1)));
      const penalty = tf.mean(tf.sum(tf.abs(features), 1));
      return tf.add<tfjs.Scalar>(fit, tf.mul(penalty, lambda));
    }, [...variables.values()]);
    const gradients = new Map<string, Float32Array>();
    for (const [name, variable] of variables)
      gradients.set(name, Float32Array.from(grads[variable.name]!.dataSync()));
    const loss = value.dataSync()[0]!;
    for (const variable of variables.values()) variable.dispose();
    return { loss, gradients };
  } finally {
    if (before) await tf.setBackend(before);
  }
}

/** Largest difference, relative to the largest value of the reference. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / Math.max(largest, 1e-12);
}
