import type { LossTerm, Objective } from './objective.ts';

const normalised: LossTerm = { name: 'normalisedCrossEntropy', weight: null };

/**
 * L = cross-entropy of f(x) / (τ ‖f(x)‖₂): logits of constant length in training, so that they cannot grow to
 * make the loss small. Scores are of the logits as they are.
 * Wei, Xie, Cheng, Feng, An, Li: Mitigating Neural Network Overconfidence with Logit Normalization, ICML 2022;
 * τ = 0.04. Their code (hongxin001/logitnorm_ood) divides by ‖f‖ + 1e-7; here it is √(‖f‖² + 1e-14), which
 * differs by less than 1e-7 and has a gradient where all logits are 0.
 */
export const logitNorm: Objective = {
  id: 'logit-norm',
  label: 'LogitNorm',
  formula: 'L = −(1/n) Σ log softmax(f(x_i) / (τ ‖f(x_i)‖₂))[y_i]',
  source:
    'Wei et al.: Mitigating Neural Network Overconfidence with Logit Normalization, ICML 2022',
  outliers: false,
  scalars: ['temperature'],
  settings: [
    {
      name: 'temperature',
      symbol: 'τ',
      default: 0.04,
      least: 0.001,
      most: 10,
      help: 'Normalised logits have the length 1 / τ.',
    },
  ],
  penalties: [],
  terms: [normalised],
  apply(losses, { logits }) {
    losses.normalisedCrossEntropy(normalised, logits, 'temperature');
  },
};
