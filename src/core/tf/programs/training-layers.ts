/**
 * A network's forward pass that remembers how to go back: reverse-mode differentiation over layers.
 * Each layer pushes one backward closure; running them in reverse order gives every parameter's gradient.
 * A layer's output is freed as soon as its own backward has run: by then all its users have run theirs.
 */
import {
  BATCH_NORM_EPSILON,
  BATCH_NORM_MOMENTUM,
  batchNormNames,
  type ConvOptions,
  type Layers,
  type PoolOptions,
} from '../../model/layers.ts';
import type { Kernels, Tensor, Variable } from '../kernels.ts';
import { channelPadding, variableNamed } from './inference-layers.ts';

/** A value of the forward pass and, in the backward pass, the gradient of the loss to it. */
export class Activation<T extends Tensor> {
  readonly value: T;
  gradient: T | null = null;

  constructor(value: T) {
    this.value = value;
  }
}

/** A parameter's value in this step and its gradient once the backward pass has run. */
export interface ParameterGradient<T> {
  readonly variable: Variable;
  readonly value: T;
  readonly gradient: T;
}

/** What goes into a running statistic: variable += rate · (target - variable). */
export interface StatisticUpdate<T> {
  readonly variable: Variable;
  readonly target: T;
  readonly rate: number;
}

export class TrainingLayers<T extends Tensor> implements Layers<Activation<T>> {
  readonly statistics: StatisticUpdate<T>[] = [];
  private readonly kernels: Kernels<T>;
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly dropoutSeed: T | null;
  private readonly backwardSteps: (() => void)[] = [];
  private readonly parameters = new Map<string, { value: T; gradient: T | null }>();
  private dropoutLayers = 0;

  /**
   * @param dropoutSeed int32 `[2]`, different in every step; null for a frozen network: running statistics, no
   * dropout, and gradients for activations and the input only
   */
  constructor(
    kernels: Kernels<T>,
    variables: ReadonlyMap<string, Variable>,
    dropoutSeed: T | null,
  ) {
    this.kernels = kernels;
    this.variables = variables;
    this.dropoutSeed = dropoutSeed;
  }

  private get frozen(): boolean {
    return this.dropoutSeed === null;
  }

  /** An input whose gradient is wanted too. */
  input(value: T): Activation<T> {
    const input = new Activation(value);
    this.recorded.add(input);
    return input;
  }

  conv(x: Activation<T>, name: string, { stride }: ConvOptions): Activation<T> {
    const { kernels } = this;
    const filter = this.parameter(`${name}.weight`);
    return this.record(kernels.conv2d(x.value, filter.value, stride), (dy) => {
      if (!this.frozen)
        filter.gradient = kernels.conv2dGradFilter(dy, x.value, filter.value.shape, stride);
      this.flow(x, () => kernels.conv2dGradInput(dy, filter.value, x.value.shape, stride));
    });
  }

  batchNorm(x: Activation<T>, name: string): Activation<T> {
    const { y, backward } = this.normalise(x, name);
    return this.record(y, backward);
  }

  batchNormRelu(x: Activation<T>, name: string): Activation<T> {
    const { kernels } = this;
    const normalised = this.normalise(x, name);
    const y = kernels.relu(normalised.y);
    kernels.free(normalised.y);
    return this.record(y, (dy) => {
      const d = kernels.reluGrad(dy, y);
      normalised.backward(d);
      kernels.free(d);
    });
  }

  relu(x: Activation<T>): Activation<T> {
    const { kernels } = this;
    const y = kernels.relu(x.value);
    return this.record(y, (dy) => {
      this.flow(x, () => kernels.reluGrad(dy, y));
    });
  }

  add(a: Activation<T>, b: Activation<T>): Activation<T> {
    const { kernels } = this;
    return this.record(kernels.add(a.value, b.value), (dy) => {
      this.flow(a, () => kernels.share(dy));
      this.flow(b, () => kernels.share(dy));
    });
  }

  concat(a: Activation<T>, b: Activation<T>): Activation<T> {
    const { kernels } = this;
    const [ofA, ofB] = [a.value.shape[3]!, b.value.shape[3]!];
    return this.record(kernels.concatChannels(a.value, b.value), (dy) => {
      this.flow(a, () => kernels.sliceChannels(dy, 0, ofA));
      this.flow(b, () => kernels.sliceChannels(dy, ofA, ofB));
    });
  }

  maxPool(x: Activation<T>, { kernel, stride }: PoolOptions): Activation<T> {
    const { kernels } = this;
    const y = kernels.maxPool(x.value, kernel, stride);
    return this.record(y, (dy) => {
      this.flow(x, () => kernels.maxPoolGrad(dy, x.value, y, kernel, stride));
    });
  }

  averagePool2(x: Activation<T>): Activation<T> {
    const { kernels } = this;
    return this.record(kernels.averagePool2(x.value), (dy) => {
      this.flow(x, () => kernels.averagePool2Grad(dy, x.value.shape));
    });
  }

  subsampleAndPad(x: Activation<T>, channels: number): Activation<T> {
    const { kernels } = this;
    const inputs = x.value.shape[3]!;
    const [before, after] = channelPadding(inputs, channels);
    const small = kernels.everySecondPixel(x.value);
    const y = kernels.padChannels(small, before, after);
    kernels.free(small);
    return this.record(y, (dy) => {
      this.flow(x, () => {
        const inner = kernels.sliceChannels(dy, before, inputs);
        const spread = kernels.everySecondPixelGrad(inner, x.value.shape);
        kernels.free(inner);
        return spread;
      });
    });
  }

  dropout(x: Activation<T>, rate: number): Activation<T> {
    const { kernels, dropoutSeed } = this;
    if (dropoutSeed === null) return x;
    const mask = kernels.dropoutMask(x.value.shape, rate, dropoutSeed, this.dropoutLayers++);
    return this.record(kernels.multiply(x.value, mask), (dy) => {
      this.flow(x, () => kernels.multiply(dy, mask));
      kernels.free(mask);
    });
  }

  globalAveragePool(x: Activation<T>): Activation<T> {
    const { kernels } = this;
    return this.record(kernels.meanOverSpace(x.value), (dy) => {
      this.flow(x, () => kernels.meanOverSpaceGrad(dy, x.value.shape));
    });
  }

  dense(x: Activation<T>, name: string): Activation<T> {
    const { kernels } = this;
    const weight = this.parameter(`${name}.weight`);
    const bias = this.parameter(`${name}.bias`);
    const product = kernels.matMul(x.value, weight.value, false, false);
    const y = kernels.addBias(product, bias.value);
    kernels.free(product);
    return this.record(y, (dy) => {
      if (!this.frozen) {
        weight.gradient = kernels.matMul(x.value, dy, true, false);
        bias.gradient = kernels.sumOverRows(dy);
      }
      this.flow(x, () => kernels.matMul(dy, weight.value, false, true));
    });
  }

  /** Some rows of `[n, c]`, for losses that are of a part of the batch only. */
  rows(x: Activation<T>, from: number, count: number): Activation<T> {
    const { kernels } = this;
    const after = x.value.shape[0]! - from - count;
    return this.record(kernels.sliceRows(x.value, from, count), (dy) => {
      this.flow(x, () => kernels.padRows(dy, from, after));
    });
  }

  /** Adds a contribution to an activation's gradient; inputs of the network take none. */
  flow(x: Activation<T>, contribution: () => T): void {
    if (!this.recorded.has(x)) return;
    const added = contribution();
    if (!x.gradient) {
      x.gradient = added;
      return;
    }
    const sum = this.kernels.add(x.gradient, added);
    this.kernels.free(x.gradient, added);
    x.gradient = sum;
  }

  /**
   * Runs the backward pass from the gradients that losses have put into activations.
   * @param keep activations whose values the caller still needs
   */
  backward(keep: readonly Activation<T>[]): ParameterGradient<T>[] {
    this.kept = new Set(keep);
    while (this.backwardSteps.length > 0) this.backwardSteps.pop()!();
    if (this.frozen) {
      for (const { value } of this.parameters.values()) this.kernels.free(value);
      return [];
    }
    return [...this.parameters].map(([name, { value, gradient }]) => {
      if (!gradient) throw new Error(`No gradient reached ${name}`);
      return { variable: variableNamed(this.variables, name), value, gradient };
    });
  }

  private readonly recorded = new Set<Activation<T>>();
  private kept: ReadonlySet<Activation<T>> = new Set();

  private record(value: T, backward: (dy: T) => void): Activation<T> {
    const output = new Activation(value);
    this.recorded.add(output);
    this.backwardSteps.push(() => {
      if (output.gradient) {
        backward(output.gradient);
        this.kernels.free(output.gradient);
        output.gradient = null;
      }
      if (!this.kept.has(output)) this.kernels.free(output.value);
    });
    return output;
  }

  private normalise(
    x: Activation<T>,
    name: string,
  ): { readonly y: T; readonly backward: (dy: T) => void } {
    const { kernels } = this;
    const names = batchNormNames(name);
    const gamma = this.parameter(names.gamma);
    const beta = this.parameter(names.beta);
    if (this.frozen) {
      const mean = this.parameter(names.mean).value;
      const variance = this.parameter(names.variance).value;
      return {
        y: kernels.batchNormInfer(
          x.value,
          gamma.value,
          beta.value,
          mean,
          variance,
          BATCH_NORM_EPSILON,
        ),
        backward: (dy) => {
          this.flow(x, () =>
            kernels.batchNormInferGrad(dy, gamma.value, variance, BATCH_NORM_EPSILON),
          );
        },
      };
    }
    const result = kernels.batchNormTrain(x.value, gamma.value, beta.value, BATCH_NORM_EPSILON);
    const { y, mean, variance, saved } = result;
    const rate = BATCH_NORM_MOMENTUM;
    this.statistics.push(
      { variable: variableNamed(this.variables, names.mean), target: mean, rate },
      { variable: variableNamed(this.variables, names.variance), target: variance, rate },
    );
    return {
      y,
      backward: (dy) => {
        const grads = kernels.batchNormGrad(dy, x.value, gamma.value, saved, BATCH_NORM_EPSILON);
        kernels.free(...saved);
        gamma.gradient = grads.dgamma;
        beta.gradient = grads.dbeta;
        this.flow(x, () => grads.dx);
      },
    };
  }

  private parameter(name: string): { value: T; gradient: T | null } {
    const parameter = {
      value: this.kernels.read(variableNamed(this.variables, name)),
      gradient: null as T | null,
    };
    this.parameters.set(name, parameter);
    return parameter;
  }
}
