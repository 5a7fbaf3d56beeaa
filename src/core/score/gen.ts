import { softmax } from '../metrics/softmax.ts';
import { hyperparameter, requireLogits } from './inputs.ts';
import type { LogitDetector } from './types.ts';

const settings = {
  id: 'gen',
  hyperparameters: {
    gamma: { label: 'exponent γ', default: 0.1, min: 1e-3, max: 0.999 },
    classes: { label: 'number of classes M', default: 100, min: 1, max: 1e6 },
  },
} as const;

/**
 * GEN, generalised entropy: S = −Σ over the M largest p of p^γ (1 − p)^γ. Liu, Lochman, Zach 2023, eq. 3. γ = 0.1 and
 * M = 100 are theirs for 1,000 classes; with fewer classes than M all count. Sorting, where there are more than M.
 */
export const gen: LogitDetector = {
  ...settings,
  label: 'GEN',
  formula: 'S = −Σ_{k ≤ M} p_k^γ · (1 − p_k)^γ, p sorted descending',
  source: 'Liu, Lochman, Zach: GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection, CVPR 2023', // prettier-ignore
  sourceUrl:
    'https://openaccess.thecvf.com/content/CVPR2023/html/Liu_GEN_Pushing_the_Limits_of_Softmax-Based_Out-of-Distribution_Detection_CVPR_2023_paper.html',
  orientation: 'Shown as it is: 0 or below, higher = more in-distribution.',
  cost: 'none beyond the forward pass',
  assumes: 'Softmax probabilities; even small ones of many classes tell that an image is unknown.',
  fits: null,
  needs: ['logits'],
  heavy: false,
  grid: { gamma: [0.01, 0.1, 0.5, 0.9] },
  score: (inputs, { hyperparameters: given } = {}) => {
    const gamma = hyperparameter(settings, 'gamma', given);
    const most = hyperparameter(settings, 'classes', given);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    return Float64Array.from({ length: count }, (_, row) => {
      let p = softmax(data, row * classes, classes);
      if (classes > most) p = p.sort().subarray(classes - most);
      let sum = 0;
      for (const value of p) sum += (value * (1 - value)) ** gamma;
      return 0 - sum;
    });
  },
};
