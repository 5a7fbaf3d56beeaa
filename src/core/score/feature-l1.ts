import { checkHyperparameters, requireFeatures } from './inputs.ts';
import type { Detector } from './types.ts';

const settings = { id: 'feature-l1', hyperparameters: {} } as const;

/** L1 norm of the penultimate features, S = Σ_j |g_j|: how strongly the network responds at all. A sum per image. */
export const featureL1: Detector = {
  ...settings,
  label: 'Feature L1 norm',
  formula: 'S = Σ_j |g_j|',
  source:
    'Huang, Geng, Li: On the Importance of Gradients for Detecting Distributional Shifts in the Wild, NeurIPS 2021 (a factor of GradNorm, section 5.3)',
  sourceUrl: 'https://arxiv.org/abs/2110.00218',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'none beyond the forward pass',
  assumes: 'Known images make the network respond more strongly than unknown ones.',
  fits: null,
  needs: ['features'],
  heavy: false,
  score: (inputs, { hyperparameters: given } = {}) => {
    checkHyperparameters(settings, given);
    const { data, count, units } = requireFeatures(inputs, settings.id);
    return Float64Array.from({ length: count }, (_, row) => {
      let sum = 0;
      for (let j = row * units; j < (row + 1) * units; j++) sum += Math.abs(data[j]!);
      return sum;
    });
  },
};
