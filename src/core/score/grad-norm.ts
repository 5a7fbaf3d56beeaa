import { softmax } from '../metrics/softmax.ts';
import { checkHyperparameters, checkSameImages, requireLogits } from './inputs.ts';
import { featureL1 } from './feature-l1.ts';
import type { Detector } from './types.ts';

const settings = { id: 'gradnorm', hyperparameters: {} } as const;

/**
 * GradNorm: L1 norm of the gradient of KL(uniform ‖ softmax) to the last layer's weights. For a dense layer it is the
 * product S = ‖g‖₁ · ‖p − 1/K‖₁ (Huang, Geng, Li 2021, eq. 11), so no backward pass is needed. Peers give the same up
 * to a constant factor K, which orders nothing.
 */
export const gradNorm: Detector = {
  ...settings,
  label: 'GradNorm',
  formula: 'S = ‖g‖₁ · Σ_k |p_k − 1/K|',
  source: 'Huang, Geng, Li: On the Importance of Gradients for Detecting Distributional Shifts in the Wild, NeurIPS 2021', // prettier-ignore
  sourceUrl: 'https://arxiv.org/abs/2110.00218',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'none beyond the forward pass',
  assumes: 'Known images make features large and probabilities uneven.',
  fits: null,
  needs: ['logits', 'features'],
  heavy: false,
  score: (inputs, { hyperparameters: given } = {}) => {
    checkHyperparameters(settings, given);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    const l1 = featureL1.score(inputs) as Float64Array;
    checkSameImages(settings.id, count, l1.length);
    return l1.map((norm, row) => {
      let sum = 0;
      for (const p of softmax(data, row * classes, classes)) sum += Math.abs(p - 1 / classes);
      return norm * sum;
    });
  },
};
