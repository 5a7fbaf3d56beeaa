/** A network's forward pass with running batch-norm statistics and without dropout. */
import {
  BATCH_NORM_EPSILON,
  batchNormNames,
  type ConvOptions,
  type Layers,
  type PoolOptions,
} from '../../model/layers.ts';
import type { Kernels, Tensor, Variable } from '../kernels.ts';

/** Changes to the penultimate features on their way into the last layer, as ReAct and masking detectors make them. */
export interface FeatureShaping<T> {
  /** A scalar: larger features are cut down to it. */
  readonly limit?: T;
  /** `[featureCount]`: each feature is multiplied by its factor. */
  readonly mask?: T;
}

/** A value that is used by a known or unknown number of later layers; freed when the pass ends. */
export class InferenceLayers<T extends Tensor> implements Layers<T> {
  private readonly kernels: Kernels<T>;
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly shape: FeatureShaping<T>;
  private readonly alive: T[] = [];

  /** @param shape what the head sees of the penultimate features; all of them when not given */
  constructor(
    kernels: Kernels<T>,
    variables: ReadonlyMap<string, Variable>,
    shape: FeatureShaping<T> = {},
  ) {
    this.kernels = kernels;
    this.variables = variables;
    this.shape = shape;
  }

  conv(x: T, name: string, { stride }: ConvOptions): T {
    return this.keep(this.kernels.conv2d(x, this.read(`${name}.weight`), stride));
  }

  batchNorm(x: T, name: string): T {
    return this.keep(this.normalised(x, name));
  }

  batchNormRelu(x: T, name: string): T {
    const y = this.normalised(x, name);
    const activated = this.kernels.relu(y);
    this.kernels.free(y);
    return this.keep(activated);
  }

  relu(x: T): T {
    return this.keep(this.kernels.relu(x));
  }

  add(a: T, b: T): T {
    return this.keep(this.kernels.add(a, b));
  }

  concat(a: T, b: T): T {
    return this.keep(this.kernels.concatChannels(a, b));
  }

  dropout(x: T): T {
    return x;
  }

  maxPool(x: T, { kernel, stride }: PoolOptions): T {
    return this.keep(this.kernels.maxPool(x, kernel, stride));
  }

  averagePool2(x: T): T {
    return this.keep(this.kernels.averagePool2(x));
  }

  subsampleAndPad(x: T, channels: number): T {
    const [before, after] = channelPadding(x.shape[3]!, channels);
    const small = this.kernels.everySecondPixel(x);
    const padded = this.kernels.padChannels(small, before, after);
    this.kernels.free(small);
    return this.keep(padded);
  }

  globalAveragePool(x: T): T {
    return this.keep(this.kernels.meanOverSpace(x));
  }

  dense(x: T, name: string): T {
    const product = this.kernels.matMul(this.shaped(x), this.read(`${name}.weight`), false, false);
    const y = this.kernels.addBias(product, this.read(`${name}.bias`));
    this.kernels.free(product);
    return this.keep(y);
  }

  /** Frees everything made in the pass except `results`. */
  end(results: readonly T[]): void {
    for (const x of this.alive) if (!results.includes(x)) this.kernels.free(x);
  }

  private shaped(features: T): T {
    const { limit, mask } = this.shape;
    let x = features;
    if (limit) x = this.keep(this.kernels.minimum(x, limit));
    if (mask) x = this.keep(this.kernels.multiply(x, mask));
    return x;
  }

  /** The layer's output, which the caller frees. */
  protected normalised(x: T, name: string): T {
    const names = batchNormNames(name);
    return this.kernels.batchNormInfer(
      x,
      this.read(names.gamma),
      this.read(names.beta),
      this.read(names.mean),
      this.read(names.variance),
      BATCH_NORM_EPSILON,
    );
  }

  private read(name: string): T {
    return this.keep(this.kernels.read(variableNamed(this.variables, name)));
  }

  private keep(x: T): T {
    this.alive.push(x);
    return x;
  }
}

/** How many channels of zeros go before and after, so that there are `to` of them. */
export function channelPadding(from: number, to: number): readonly [before: number, after: number] {
  const before = Math.floor((to - from) / 2);
  return [before, to - from - before];
}

export function variableNamed(variables: ReadonlyMap<string, Variable>, name: string): Variable {
  const variable = variables.get(name);
  if (!variable) throw new Error(`The network has no parameter ${name}`);
  return variable;
}
