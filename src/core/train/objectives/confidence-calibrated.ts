import { fit, outliersOf, type LossTerm, type Objective } from './objective.ts';

const divergence: LossTerm = { name: 'uniformDivergence', weight: 'outlierWeight' };

/**
 * L = L_CE + β · mean KL(U ‖ p(x_out)).
 * Lee, Lee, Lee, Shin: Training Confidence-calibrated Classifiers for Detecting Out-of-Distribution Samples,
 * ICLR 2018, their confidence loss (equation 1) alone: the outliers are images of a dataset, where the paper
 * trains a GAN to make them. β = 0.1 for CIFAR-10 and 1 else in the authors' code (alinlab/Confident_classifier),
 * which also sends the two halves of a batch through the network one after the other; here they are one batch.
 */
export const confidenceCalibrated: Objective = {
  id: 'confidence-calibrated',
  label: 'Confidence-calibrated (without GAN)',
  formula: 'L = L_{CE} + β · mean KL(U ‖ p(x_{out}))',
  source:
    'Lee et al.: Training Confidence-calibrated Classifiers for Detecting Out-of-Distribution Samples, ICLR 2018',
  outliers: true,
  scalars: ['outlierWeight'],
  settings: [
    {
      name: 'outlierWeight',
      symbol: 'β',
      default: 1,
      least: 0,
      most: 100,
      help: 'Weight of the divergence from the uniform distribution; 0 is the control.',
    },
  ],
  penalties: ['outlierWeight'],
  terms: [fit, divergence],
  apply(losses, inputs) {
    losses.crossEntropy(fit, inputs.logits);
    losses.uniformDivergence(divergence, outliersOf(inputs).logits);
  },
};
