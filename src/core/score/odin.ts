import { hyperparameter } from './inputs.ts';
import { msp } from './msp.ts';
import type { Detector } from './types.ts';

const settings = {
  id: 'odin',
  hyperparameters: {
    temperature: { label: 'temperature T', default: 1000, min: 1e-3, max: 1e6 },
    epsilon: { label: 'step ε', default: 0.0014, min: 0, max: 1 },
  },
} as const;

/**
 * ODIN, S = max_k softmax(f(x') / T)_k with x' = x + ε · sign ∇_x log max_k softmax(f(x) / T)_k. Liang, Li, Srikant
 * 2018, eq. 1 and 2. ε is in pixel values of 0 to 1, before normalisation; the authors'
 * code steps in normalised pixels with the gradient divided by std, which is the same step. T and ε also
 * decide the perturbed pass, whose logits come in. One forward and one backward pass more.
 */
export const odin: Detector = {
  ...settings,
  label: 'ODIN',
  formula: 'S = max_k softmax(f(x + ε · sign ∇_x log p_max) / T)_k',
  source:
    'Liang, Li, Srikant: Enhancing the Reliability of Out-of-distribution Image Detection in Neural Networks, ICLR 2018',
  sourceUrl: 'https://arxiv.org/abs/1706.02690',
  orientation:
    'Shown as it is: a probability near 1 / number of classes, higher = more in-distribution.',
  cost: 'a backward and a second forward pass: about four times the forward pass',
  assumes:
    'A network whose gradient to the image is at hand; one small step helps known images more.',
  fits: null,
  needs: ['perturbed'],
  heavy: false,
  grid: { epsilon: [0, 0.0004, 0.0008, 0.0014, 0.002, 0.0024, 0.003, 0.004] },
  tunedOnId: 'mean score',
  score: ({ perturbed }, { hyperparameters: given } = {}) => {
    const temperature = hyperparameter(settings, 'temperature', given);
    hyperparameter(settings, 'epsilon', given);
    // Refused by name when they are missing, as logits are.
    return msp.score(perturbed ? { logits: perturbed } : {}, { hyperparameters: { temperature } });
  },
};
