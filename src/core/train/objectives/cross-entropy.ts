import type { LossTerm, Objective } from './objective.ts';

const term: LossTerm = { name: 'crossEntropy', weight: null };

/** L_CE = -(1/n) Σ log p_{y_i}(x_i): pretraining. */
export const crossEntropy: Objective = {
  id: 'cross-entropy',
  label: 'Cross-entropy',
  formula: 'L = -(1/n) Σ log p(y_i | x_i)',
  source: 'definition',
  scalars: [],
  terms: [term],
  apply(losses, { logits }) {
    losses.crossEntropy(term, logits);
  },
};
