import { fit, type Objective } from './objective.ts';

/** L_CE = -(1/n) Σ log p_{y_i}(x_i): pretraining. */
export const crossEntropy: Objective = {
  id: 'cross-entropy',
  label: 'Cross-entropy',
  formula: 'L = -(1/n) Σ log p(y_i | x_i)',
  source: 'definition',
  outliers: false,
  scalars: [],
  settings: [],
  penalties: [],
  terms: [fit],
  apply(losses, { logits }) {
    losses.crossEntropy(fit, logits);
  },
};
