/** What batch norm sees in one batch, layer by layer, when every layer before it normalises by that batch too. */
import { BATCH_NORM_EPSILON, batchNormNames } from '../../model/layers.ts';
import type { Kernels, Tensor, Variable } from '../kernels.ts';
import { InferenceLayers, variableNamed } from './inference-layers.ts';
import { normalise, type ProgramContext } from './programs.ts';

/** The value of one running statistic in one batch. */
export interface BatchStatistic<T> {
  /** Name of the running statistic. */
  readonly name: string;
  readonly value: T;
}

/** Batch norm as in training; no dropout, so that later layers see what they see when images are scored. */
class StatisticsLayers<T extends Tensor> extends InferenceLayers<T> {
  readonly statistics: BatchStatistic<T>[] = [];
  private readonly tensors: Kernels<T>;
  private readonly parameters: ReadonlyMap<string, Variable>;

  constructor(kernels: Kernels<T>, variables: ReadonlyMap<string, Variable>) {
    super(kernels, variables);
    this.tensors = kernels;
    this.parameters = variables;
  }

  protected override normalised(x: T, name: string): T {
    const { tensors, parameters } = this;
    const names = batchNormNames(name);
    const gamma = tensors.read(variableNamed(parameters, names.gamma));
    const beta = tensors.read(variableNamed(parameters, names.beta));
    const { y, mean, variance, saved } = tensors.batchNormTrain(x, gamma, beta, BATCH_NORM_EPSILON);
    tensors.free(gamma, beta, ...saved);
    this.statistics.push({ name: names.mean, value: mean }, { name: names.variance, value: variance }); // prettier-ignore
    return y;
  }
}

/**
 * Mean and variance (with Bessel's correction) of every batch-norm layer's input over the batch and space, each
 * `[channels]`; in the order of the layers. Changes nothing.
 * @param pixels uint8 `[n, size, size, 3]`
 */
export function batchStatistics<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  pixels: T,
): readonly BatchStatistic<T>[] {
  const image = normalise(kernels, pixels, normalisation);
  const layers = new StatisticsLayers(kernels, variables);
  network<T>(layers, image);
  layers.end([]);
  kernels.free(image);
  return layers.statistics;
}
