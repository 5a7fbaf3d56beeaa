import { quantile } from '../metrics/percentile.ts';
import { meanFeatures } from './class-means.ts';
import { fittedArray, hyperparameter, requireFeatures, requireLastLayer } from './inputs.ts';
import { shapedEnergies } from './shaped-energy.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = {
  id: 'dice',
  hyperparameters: {
    percentile: { label: 'sparsity p', default: 70, min: 0, max: 99.999 },
  },
} as const;

/**
 * DICE: energy with only those weights that contribute most on ID training images,
 * S = log Σ_k exp((M ⊙ W) g + b)_k with M = [W_jk · mean(g_j) > p-th percentile of all of them]. Sun & Li 2022, eq. 4
 * and 5. p = 70 is theirs for ImageNet (90 for CIFAR with a wide network, and in OpenOOD). A product with the last layer.
 */
export const dice: Detector = {
  ...settings,
  label: 'DICE',
  formula: 'S = log Σ_k exp((M ⊙ W) · g + b)_k, M keeps the (100 − p)% of the largest W ⊙ mean(g)',
  source: 'Sun, Li: DICE: Leveraging Sparsification for Out-of-Distribution Detection, ECCV 2022',
  sourceUrl: 'https://arxiv.org/abs/2111.09805',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'one more last layer; fitting reads the training features once',
  assumes: 'Few weights carry what is known, and the others carry noise.',
  fits: 'the mean of every unit',
  needs: ['features', 'lastLayer'],
  heavy: false,
  grid: { percentile: [10, 30, 50, 70, 90] },
  fit: async (training, context) => {
    const percent = hyperparameter(settings, 'percentile', context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const { mean } = await meanFeatures(reader);
    const { weights, units, classes } = requireLastLayer(training, settings.id, mean.length);
    const contribution = Float64Array.from(weights, (w, i) => w * mean[Math.floor(i / classes)]!);
    const limit = quantile(contribution.slice().sort(), percent / 100);
    const kept = weights.map((w, i) => (contribution[i]! > limit ? w : 0));
    return { arrays: { weights: { shape: [units, classes], data: kept } }, notes: reader.notes };
  },
  score: (inputs, context) => {
    hyperparameter(settings, 'percentile', context?.hyperparameters);
    const features = requireFeatures(inputs, settings.id);
    const lastLayer = requireLastLayer(inputs, settings.id, features.units);
    const { data } = fittedArray(context, settings.id, 'weights');
    return shapedEnergies(features, { ...lastLayer, weights: data as Float32Array });
  },
};
