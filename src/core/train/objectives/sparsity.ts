import { fit, type LossTerm, type Objective } from './objective.ts';

/** Which output the L1 penalty is put on. */
export type SparsityTarget = 'features' | 'logits';

const penalty: LossTerm = { name: 'l1', weight: 'lambda' };

/**
 * L = L_CE + λ · (1/n) Σ_i ‖g(x_i)‖₁ on in-distribution images only.
 * g is the penultimate feature (after ReLU and global average pooling), as in the authors' code
 * (kuan-li/SparsityRegularization), or the logits. With λ = 0 it is the control: the same step without
 * the penalty.
 */
export const sparsity = (target: SparsityTarget): Objective => ({
  id: target === 'features' ? 'sparsity' : 'sparsity-logits',
  label: target === 'features' ? 'Sparse features' : 'Sparse logits',
  formula: 'L = L_{CE} + λ · (1/n) Σ ‖g(x_i)‖₁',
  source: 'Chen, Li, Li: Anomalous Distribution Detection Method Based on Sparse Optimization',
  outliers: false,
  scalars: ['lambda'],
  settings: [],
  penalties: ['lambda'],
  terms: [fit, penalty],
  apply(losses, { features, logits }) {
    losses.crossEntropy(fit, logits);
    losses.meanL1(penalty, target === 'features' ? features : logits);
  },
});
