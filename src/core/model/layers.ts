/**
 * The vocabulary in which networks are written. A network is one function over these layers; running it on
 * different implementations counts its parameters, trains it, or runs it for inference, on every tier.
 */
import type { Shape } from '../tf/kernels.ts';

/** How a parameter starts out. */
export type Initialiser =
  /** Normal with variance 2 / (k·k·out): He et al. 2015, fan-out, as xternalz/WideResNet-pytorch does. */
  | 'he-fan-out'
  /** Uniform within ±1/√in: PyTorch's default for `nn.Linear`. */
  | 'uniform-fan-in'
  | 'zeros'
  | 'ones';

/** One array of numbers of a network. Filters are HWIO, dense weights `[in, out]`. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly initialiser: Initialiser;
  /** False for running batch-norm statistics. */
  readonly trainable: boolean;
}

export interface ConvOptions {
  readonly filters: number;
  /** Side of the square kernel, odd; padding is floor(kernel / 2) on every side. */
  readonly kernel: number;
  readonly stride: number;
}

/** Square windows; padding is floor(kernel / 2) on every side. */
export interface PoolOptions {
  /** Side of the window, odd. */
  readonly kernel: number;
  readonly stride: number;
}

/** Layers over a value type `V`. Names are unique within a network and become parameter names. */
export interface Layers<V> {
  /** Convolution without bias. */
  conv(x: V, name: string, options: ConvOptions): V;
  batchNorm(x: V, name: string): V;
  /** Batch norm, then ReLU: one layer, so that what lies between need not be kept for the way back. */
  batchNormRelu(x: V, name: string): V;
  relu(x: V): V;
  add(a: V, b: V): V;
  /** Along channels. */
  concat(a: V, b: V): V;
  /** Inverted dropout in training, nothing in inference. */
  dropout(x: V, rate: number): V;
  /** Largest value of each window; padding never wins. */
  maxPool(x: V, options: PoolOptions): V;
  /** Mean of each 2 x 2 window, without padding: an odd last row or column is left out. */
  averagePool2(x: V): V;
  /**
   * ResNet's shortcut without parameters (option A): every second pixel in both directions, and new channels
   * of zeros, half of them before and half (rounded up) after.
   */
  subsampleAndPad(x: V, channels: number): V;
  globalAveragePool(x: V): V;
  dense(x: V, name: string, units: number): V;
}

/**
 * A network: pixels in; penultimate features `[n, featureCount]`, logits `[n, classes]` and what comes out of each
 * stage, `[n, h, w, channels]`, as Lee et al. 2018 (arXiv:1807.03888) read it.
 */
export type Network = <V>(
  layers: Layers<V>,
  image: V,
) => { readonly features: V; readonly logits: V; readonly stages: readonly V[] };

/** PyTorch's default; also TensorFlow's fused kernel minimum is below it. */
export const BATCH_NORM_EPSILON = 1e-5;
/** PyTorch's `momentum`: running += 0.1 (batch - running). */
export const BATCH_NORM_MOMENTUM = 0.1;

/** Names of a batch norm's four arrays, as PyTorch has them. */
export const batchNormNames = (name: string) =>
  ({
    gamma: `${name}.weight`,
    beta: `${name}.bias`,
    mean: `${name}.running_mean`,
    variance: `${name}.running_var`,
  }) as const;
