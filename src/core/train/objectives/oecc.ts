import { fit, outliersOf, type LossTerm, type Objective } from './objective.ts';

const confidence: LossTerm = { name: 'confidenceGap', weight: 'confidenceWeight' };
const uniform: LossTerm = { name: 'outlierUniform', weight: 'outlierWeight' };

/**
 * L = L_CE + λ1 · (A_tr - mean max_k p_k(x_in))² + λ2 · mean Σ_k |1/K - p_k(x_out)|.
 * Papadopoulos et al.: Outlier exposure with confidence control for out-of-distribution detection,
 * Neurocomputing 2021. The first term is the paper's: the square of a mean. The authors' notebook
 * (nazim1021/OOD-detection-using-OECC) sums the squares of single images and sums the second term over
 * the outliers of a batch, with λ1 = 0.07, λ2 = 0.05, 128 images and 256 outliers. Both terms are means
 * here, so that they do not change with the batch size; the defaults are 0.07 · 128 and 0.05 · 256.
 */
export const oecc: Objective = {
  id: 'oecc',
  label: 'Outlier Exposure with confidence control',
  formula: 'L = L_{CE} + λ₁ (A_{tr} − mean max p(x_{in}))² + λ₂ · mean Σ_k |1/K − p_k(x_{out})|',
  source:
    'Papadopoulos et al.: Outlier exposure with confidence control for out-of-distribution detection, Neurocomputing 2021',
  outliers: true,
  scalars: ['confidenceWeight', 'trainingAccuracy', 'outlierWeight'],
  settings: [
    {
      name: 'trainingAccuracy',
      symbol: 'A_tr',
      default: null,
      least: 0,
      most: 1,
      help: 'Training accuracy of the model that is fine-tuned, which its mean confidence is drawn to.',
    },
    {
      name: 'confidenceWeight',
      symbol: 'λ₁',
      default: 8.96,
      least: 0,
      most: 1000,
      help: 'Weight of the gap between mean confidence and training accuracy.',
    },
    {
      name: 'outlierWeight',
      symbol: 'λ₂',
      default: 12.8,
      least: 0,
      most: 1000,
      help: 'Weight of the distance to the uniform distribution.',
    },
  ],
  penalties: ['confidenceWeight', 'outlierWeight'],
  terms: [fit, confidence, uniform],
  apply(losses, inputs) {
    losses.crossEntropy(fit, inputs.logits);
    losses.confidenceGap(confidence, inputs.logits, 'trainingAccuracy');
    losses.distanceToUniform(uniform, outliersOf(inputs).logits);
  },
};
