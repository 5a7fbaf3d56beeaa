import { rowMaximum } from '../metrics/softmax.ts';
import { hyperparameter, requireLogits } from './inputs.ts';
import type { LogitDetector } from './types.ts';

const settings = {
  id: 'msp',
  hyperparameters: {
    temperature: { label: 'temperature T', default: 1, min: 1e-3, max: 1e6 },
  },
} as const;

/**
 * Maximum softmax probability, S = max_k p_k. Hendrycks & Gimpel 2017. With T other than 1 it is ODIN without
 * its input perturbation. Written as 1 / Σ exp((f_k - max f) / T): the denominator is at least 1, so nothing overflows.
 */
export const msp: LogitDetector = {
  ...settings,
  label: 'MSP',
  formula: 'S = max_k softmax(f / T)_k',
  source:
    'Hendrycks, Gimpel: A Baseline for Detecting Misclassified and Out-of-Distribution Examples, ICLR 2017',
  sourceUrl: 'https://arxiv.org/abs/1610.02136',
  orientation: 'Shown as it is: a probability, higher = more in-distribution.',
  cost: 'none beyond the forward pass',
  assumes:
    'Softmax probabilities that fall for unknown images; deep networks are often confident on them.',
  fits: null,
  needs: ['logits'],
  heavy: false,
  score: (inputs, { hyperparameters: given } = {}) => {
    const temperature = hyperparameter(settings, 'temperature', given);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    return Float64Array.from({ length: count }, (_, row) => {
      const offset = row * classes;
      const largest = rowMaximum(data, offset, classes);
      let sum = 0;
      for (let k = offset; k < offset + classes; k++) {
        sum += Math.exp((data[k]! - largest) / temperature);
      }
      return 1 / sum;
    });
  },
};
