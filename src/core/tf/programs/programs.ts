/** The programs that are run on every tier: a training step, a forward pass, and gradients to the image. */
import type { Normalisation } from '../../decode/types.ts';
import type { Network } from '../../model/layers.ts';
import type { LossInputs, LossRows, Objective } from '../../train/objectives/objective.ts';
import type { Kernels, SgdSettings, Tensor, Variable } from '../kernels.ts';
import { InferenceLayers, type FeatureShaping } from './inference-layers.ts';
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
  /** uint8 `[n + m, size, size, 3]`: n in-distribution images, then m auxiliary outliers */
  readonly pixels: T;
  /** float32 `[n, classes]`, rows sum to 1 */
  readonly labels: T;
  readonly learningRate: T;
  /** int32 `[2]` */
  readonly dropoutSeed: T;
  readonly scalars: ReadonlyMap<string, T>;
}

/** `(x / 255 - mean) / std` per channel, as scale and offset. */
export function normalise<T extends Tensor>(kernels: Kernels<T>, pixels: T, by: Normalisation): T {
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
 * @returns the unweighted loss terms (scalars, in the objective's order) and the logits `[n + m, classes]`
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
  objective.apply(losses, partedOutputs(layers, outputs, inputs.labels.shape[0]!));
  const parameters = layers.backward([outputs.logits]);
  kernels.free(image);
  const terms = objective.terms.map(({ name }) => {
    const value = losses.values.get(name);
    if (!value) throw new Error(`The objective ${objective.id} did not compute its term ${name}`);
    return value;
  });
  return { terms, logits: outputs.logits.value, parameters, statistics: layers.statistics };
}

/** In-distribution rows and outlier rows apart: both went through the network, and its batch norm, as one batch. */
function partedOutputs<T extends Tensor>(
  layers: TrainingLayers<T>,
  { features, logits }: LossRows<Activation<T>>,
  labelled: number,
): LossInputs<Activation<T>> {
  const outliers = logits.value.shape[0]! - labelled;
  if (outliers === 0) return { features, logits, outliers: null };
  return {
    features: layers.rows(features, 0, labelled),
    logits: layers.rows(logits, 0, labelled),
    outliers: {
      features: layers.rows(features, labelled, outliers),
      logits: layers.rows(logits, labelled, outliers),
    },
  };
}

/** What a forward pass puts out. */
export interface PassOutputs<T> {
  /** `[n, classes]` */
  readonly logits: T;
  /** Penultimate features `[n, featureCount]`. */
  readonly features: T;
  /** Means over space after each stage, `[n, channels]` each; none when they were not asked for. */
  readonly stages: readonly T[];
}

/** What is asked of a forward pass. */
export interface PassOptions<T> extends FeatureShaping<T> {
  readonly stages?: boolean;
}

/**
 * Logits, penultimate features and, when asked for, stages of uint8 pixels.
 * @param options shaping is of what the last layer sees; the features that are returned are unchanged
 */
export function forwardPass<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  pixels: T,
  options: PassOptions<T> = {},
): PassOutputs<T> {
  const image = normalise(kernels, pixels, normalisation);
  const outputs = inferenceOf(kernels, { network, variables }, image, options);
  kernels.free(image);
  return outputs;
}

function inferenceOf<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables }: Pick<ProgramContext, 'network' | 'variables'>,
  image: T,
  { stages: withStages = false, ...shaping }: PassOptions<T> = {},
): PassOutputs<T> {
  const layers = new InferenceLayers(kernels, variables, shaping);
  const { logits, features, stages } = network<T>(layers, image);
  const means = withStages ? stages.map((stage) => kernels.meanOverSpace(stage)) : [];
  layers.end([logits, features]);
  return { logits, features, stages: means };
}

/** Scores whose gradient to the image can be asked for; both are larger for more in-distribution images. */
export type DifferentiableScore =
  /** `T · log Σ_k exp(f_k / T)`, the negative energy. */
  | 'energy'
  /** `log max_k softmax(f / T)_k`, what ODIN follows. */
  | 'confidence';

/**
 * Gradient of each image's score to its normalised pixels, `[n, size, size, 3]`, in a frozen network.
 * @param inverseTemperature 1 / T, a scalar
 */
export function inputGradient<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  pixels: T,
  score: DifferentiableScore,
  inverseTemperature: T,
): { readonly gradient: T; readonly image: T } {
  const layers = new TrainingLayers(kernels, variables, null);
  const image = layers.input(normalise(kernels, pixels, normalisation));
  const { logits } = network<Activation<T>>(layers, image);
  layers.flow(logits, () => {
    const cooled = kernels.multiply(logits.value, inverseTemperature);
    // d(T · logΣexp(f / T)) / df = softmax(f / T): the factors T and 1 / T cancel.
    if (score === 'energy') {
      const { value, gradient } = kernels.logSumExp(cooled);
      kernels.free(cooled, value);
      return gradient;
    }
    const predicted = kernels.oneHotOfLargest(cooled);
    const { loss, gradient } = kernels.softmaxCrossEntropy(cooled, predicted);
    const ofScore = kernels.scale(gradient, -1);
    const ofLogits = kernels.multiply(ofScore, inverseTemperature);
    kernels.free(cooled, predicted, loss, gradient, ofScore);
    return ofLogits;
  });
  layers.backward([]);
  if (!image.gradient) throw new Error('No gradient reached the image');
  return { gradient: image.gradient, image: image.value };
}

/**
 * ODIN's forward pass (Liang, Li, Srikant, ICLR 2018): the image moved one step towards more confidence.
 * @param step `[3]`, by how much each channel of the normalised image moves
 */
export function perturbedForward<T extends Tensor>(
  kernels: Kernels<T>,
  context: ProgramContext,
  pixels: T,
  inverseTemperature: T,
  step: T,
): PassOutputs<T> {
  const { gradient, image } = inputGradient(
    kernels,
    context,
    pixels,
    'confidence',
    inverseTemperature,
  );
  const direction = kernels.sign(gradient);
  const move = kernels.multiply(direction, step);
  const moved = kernels.add(image, move);
  const outputs = inferenceOf(kernels, context, moved);
  kernels.free(gradient, image, direction, move, moved);
  return outputs;
}
