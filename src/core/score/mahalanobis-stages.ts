import { AppError } from '../errors.ts';
import { classDistances, fitClassGaussians } from './class-gaussians.ts';
import { featureMoments } from './gaussian.ts';
import {
  checkFittedWidth,
  checkHyperparameters,
  fittedArray,
  fittedFloats,
  requireFeatures,
} from './inputs.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector, Features, NumberArray } from './types.ts';

const settings = { id: 'mahalanobis-stages', hyperparameters: {} } as const;

/**
 * Mahalanobis over several layers: the sum over the network's stages of −min_c d_c on their spatial means, all with
 * weight 1. Lee et al. 2018, section 2.2 (feature ensemble), who fit the weights of the sum by regression on OOD
 * images; with equal weights no OOD image is needed, and the sum is the log-likelihood (times 2, without constants) of
 * Gaussians that are independent between stages. Distances are not standardised, so wider stages weigh more.
 */
export const mahalanobisStages: Detector = {
  ...settings,
  label: 'Mahalanobis, all stages',
  formula: 'S = Σ_s −min_c (h_s − μ_sc)ᵀ Σ_s⁻¹ (h_s − μ_sc), h_s = spatial mean of stage s',
  source:
    'Lee, Lee, Lee, Shin: A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks, NeurIPS 2018 (feature ensemble with equal weights)',
  sourceUrl: 'https://arxiv.org/abs/1807.03888',
  orientation: 'Shown as it is: minus squared distances, higher = more in-distribution.',
  cost: 'channels squared per stage and image; fitting reads the training images once per stage',
  assumes: 'Spatial means of every stage are Gaussian in each class; stages count equally.',
  fits: 'class means and one covariance per stage',
  needs: ['stages'],
  heavy: true,
  fit: async (training, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const { stageWidths } = training;
    if (!stageWidths)
      throw new AppError(
        'internal',
        `Score ${settings.id}: the training data does not say how wide the stages are.`,
      );
    const reader = new TrainingReader(training, settings.id, context);
    const arrays: Record<string, NumberArray> = {
      widths: { shape: [stageWidths.length], data: Int32Array.from(stageWidths) },
    };
    const notes: string[] = [];
    for (const [s, { from, width }] of ranges(stageWidths).entries()) {
      const moments = await featureMoments(reader, 'stages', context, (stages) =>
        columns(stages, from, width),
      );
      const fit = fitClassGaussians(moments, training.classNames, settings.id);
      arrays[`projection${s}`] = fit.gaussians.projection;
      arrays[`centres${s}`] = fit.gaussians.centres;
      for (const note of fit.notes) notes.push(`Stage ${s + 1}: ${note}`);
    }
    return { arrays, notes: [...reader.notes, ...notes] };
  },
  score: async (inputs, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const stages = requireFeatures(inputs, settings.id, 'stages');
    const widths = Array.from(fittedArray(context, settings.id, 'widths').data);
    const channels = widths.reduce((sum, width) => sum + width, 0);
    checkFittedWidth(channels, stages.units, settings.id);
    const scores = new Float64Array(stages.count);
    for (const [s, { from, width }] of ranges(widths).entries()) {
      const distances = await classDistances(
        columns(stages, from, width),
        fittedFloats(context, settings.id, `projection${s}`, width),
        fittedFloats(context, settings.id, `centres${s}`),
        context,
      );
      distances.forEach((distance, row) => {
        scores[row]! -= distance;
      });
    }
    return scores;
  },
};

const ranges = (widths: readonly number[]) =>
  widths.map((width, s) => ({
    from: widths.slice(0, s).reduce((sum, other) => sum + other, 0),
    width,
  }));

/** Some columns of a matrix, as a matrix of its own. */
function columns({ data, count, units }: Features, from: number, width: number): Features {
  const part = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    const start = row * units + from;
    part.set(data.subarray(start, start + width), row * width);
  }
  return { data: part, count, units: width };
}
