import { fit, outliersOf, type LossTerm, type Objective } from './objective.ts';

const exposure: LossTerm = { name: 'outlierExposure', weight: 'outlierWeight' };

/**
 * L = L_CE + w · mean of -(1/K) Σ_k log p_k(x_out): cross-entropy to the uniform distribution on outliers.
 * Hendrycks, Mazeika, Dietterich: Deep Anomaly Detection with Outlier Exposure, ICLR 2019, and their code
 * (hendrycks/outlier-exposure): w = 0.5, 256 outliers to 128 images.
 */
export const outlierExposure: Objective = {
  id: 'outlier-exposure',
  label: 'Outlier Exposure',
  formula: 'L = L_{CE} + w · mean −(1/K) Σ_k log p_k(x_{out})',
  source: 'Hendrycks et al.: Deep Anomaly Detection with Outlier Exposure, ICLR 2019',
  outliers: true,
  scalars: ['outlierWeight'],
  settings: [
    {
      name: 'outlierWeight',
      symbol: 'w',
      default: 0.5,
      least: 0,
      most: 100,
      help: 'Weight of the cross-entropy to the uniform distribution; 0 is the control.',
    },
  ],
  penalties: ['outlierWeight'],
  terms: [fit, exposure],
  apply(losses, inputs) {
    losses.crossEntropy(fit, inputs.logits);
    losses.uniformCrossEntropy(exposure, outliersOf(inputs).logits);
  },
};
