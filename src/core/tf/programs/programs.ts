/** The two programs that are run on every tier: one training step, one forward pass. */
import type { Normalisation } from '../../decode/types.ts';
import type { Network } from '../../model/layers.ts';
import type { Objective } from '../../train/objectives/objective.ts';
import type { Kernels, SgdSettings, Tensor, Variable } from '../kernels.ts';
import { InferenceLayers } from './inference-layers.ts';
import { TrainingLosses } from './losses.ts';
import { Activation, TrainingLayers } from './training-layers.ts';

/** What both programs are made from. */
export interface ProgramContext {
  readonly network: Network;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly normalisation: Normalisation;
}

/** Inputs of a training step. */
export interface StepInputs<T> {
  /** uint8 `[n, size, size, 3]` */
  readonly pixels: T;
  /** float32 `[n, classes]`, rows sum to 1 */
  readonly labels: T;
  readonly learningRate: T;
  /** int32 `[2]` */
  readonly dropoutSeed: T;
  readonly scalars: ReadonlyMap<string, T>;
}

/** `(x / 255 - mean) / std` per channel, as scale and offset. */
function normalise<T extends Tensor>(kernels: Kernels<T>, pixels: T, by: Normalisation): T {
  const scale = kernels.constant(
    [3],
    Float32Array.from(by.std, (std) => 1 / (255 * std)),
  );
  const offset = kernels.constant(
    [3],
    Float32Array.from(by.mean, (mean, c) => -mean / by.std[c]!),
  );
  const image = kernels.normalisePixels(pixels, scale, offset);
  kernels.free(scale, offset);
  return image;
}

/**
 * Forward, losses, backward, then the update of weights, momentum and running statistics.
 * @returns the unweighted loss terms (scalars, in the objective's order) and the logits `[n, classes]`
 */
export function trainingStep<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  objective: Objective,
  sgd: SgdSettings,
  inputs: StepInputs<T>,
): { readonly terms: T[]; readonly logits: T } {
  const gradients = lossGradients(
    kernels,
    { network, variables, normalisation },
    objective,
    inputs,
  );
  for (const { variable, value, gradient } of gradients.parameters) {
    kernels.applySgd(variable, value, gradient, inputs.learningRate, sgd);
    kernels.free(value, gradient);
  }
  for (const { variable, target, rate } of gradients.statistics) {
    kernels.moveTowards(variable, target, rate);
    kernels.free(target);
  }
  return { terms: gradients.terms, logits: gradients.logits };
}

/** The first half of a step: loss terms, logits, and the gradient of every parameter. */
export function lossGradients<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  objective: Objective,
  inputs: StepInputs<T>,
) {
  const layers = new TrainingLayers(kernels, variables, inputs.dropoutSeed);
  const image = normalise(kernels, inputs.pixels, normalisation);
  const outputs = network<Activation<T>>(layers, new Activation(image));
  const losses = new TrainingLosses(kernels, layers, inputs.labels, inputs.scalars);
  objective.apply(losses, outputs);
  const parameters = layers.backward([outputs.logits]);
  kernels.free(image);
  const terms = objective.terms.map(({ name }) => {
    const value = losses.values.get(name);
    if (!value) throw new Error(`The objective ${objective.id} did not compute its term ${name}`);
    return value;
  });
  return { terms, logits: outputs.logits.value, parameters, statistics: layers.statistics };
}

/** Logits `[n, classes]` and penultimate features `[n, featureCount]` of uint8 pixels. */
export function forwardPass<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  pixels: T,
): { readonly logits: T; readonly features: T } {
  const layers = new InferenceLayers(kernels, variables);
  const image = normalise(kernels, pixels, normalisation);
  const { logits, features } = network<T>(layers, image);
  layers.end([logits, features]);
  kernels.free(image);
  return { logits, features };
}
