import { classDistances, fitClassGaussians } from './class-gaussians.ts';
import { featureMoments } from './gaussian.ts';
import { checkHyperparameters, fittedFloats, requireFeatures } from './inputs.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = { id: 'mahalanobis', hyperparameters: {} } as const;

/**
 * Mahalanobis score, S = −min_c (g − μ_c)ᵀ Σ⁺ (g − μ_c), on penultimate features, with class means μ_c and the tied
 * covariance Σ, divided by the number of images. Lee et al. 2018, eq. 1 and 2, without their input perturbation and
 * regression over layers, which are tuned on OOD images. Σ⁺ is the inverse, or the pseudo-inverse when Σ is
 * singular. units² per image.
 */
export const mahalanobis: Detector = {
  ...settings,
  label: 'Mahalanobis',
  formula: 'S = −min_c (g − μ_c)ᵀ Σ⁻¹ (g − μ_c)',
  source:
    'Lee, Lee, Lee, Shin: A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks, NeurIPS 2018',
  sourceUrl: 'https://arxiv.org/abs/1807.03888',
  orientation: 'Shown as it is: minus a squared distance, higher = more in-distribution.',
  cost: 'units squared per image; fitting reads the training features once',
  assumes: 'Features of every class are Gaussian with the same covariance.',
  fits: 'class means and one covariance',
  needs: ['features'],
  heavy: true,
  fit: async (training, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const moments = await featureMoments(reader, 'features', context);
    const { gaussians, notes } = fitClassGaussians(moments, training.classNames, settings.id);
    return { arrays: { ...gaussians }, notes: [...reader.notes, ...notes] };
  },
  score: async (inputs, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const features = requireFeatures(inputs, settings.id);
    const distances = await classDistances(
      features,
      fittedFloats(context, settings.id, 'projection', features.units),
      fittedFloats(context, settings.id, 'centres'),
      context,
    );
    return distances.map((distance) => 0 - distance);
  },
};
