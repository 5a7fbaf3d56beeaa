/** Objectives as the engine tells them. */
import type { Objective } from '../../../contract/training.ts';

type Setting = Objective['settings'][number];
const weight = (symbol: string, value: number): Setting => ({
  name: 'outlierWeight',
  symbol,
  default: value,
  least: 0,
  most: 100,
  help: 'Weight of the outlier terms; 0 is the control.',
});

const plain = { outliers: false, settings: [] };

export const OBJECTIVES: Objective[] = [
  { id: 'cross-entropy', label: 'Cross-entropy', formula: 'L = -(1/n) Σ log p(y_i | x_i)', source: 'definition', ...plain }, // prettier-ignore
  { id: 'sparsity', label: 'Sparse features', formula: 'L = L_{CE} + λ · (1/n) Σ ‖g(x_i)‖₁', source: 'Chen, Li, Li: Anomalous Distribution Detection Method Based on Sparse Optimization', ...plain }, // prettier-ignore
  { id: 'sparsity-logits', label: 'Sparse logits', formula: 'L = L_{CE} + λ · (1/n) Σ ‖g(x_i)‖₁', source: 'Chen, Li, Li: Anomalous Distribution Detection Method Based on Sparse Optimization', ...plain }, // prettier-ignore
  {
    id: 'logit-norm',
    label: 'LogitNorm',
    formula: 'L = −(1/n) Σ log softmax(f(x_i) / (τ ‖f(x_i)‖₂))[y_i]',
    source:
      'Wei et al.: Mitigating Neural Network Overconfidence with Logit Normalization, ICML 2022',
    outliers: false,
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
  },
  {
    id: 'energy-margin',
    label: 'Energy margin',
    formula:
      'L = L_{CE} + w · [mean max(0, E(x_{in}) − m_{in})² + mean max(0, m_{out} − E(x_{out}))²]',
    source: 'Liu et al.: Energy-based Out-of-distribution Detection, NeurIPS 2020',
    outliers: true,
    settings: [
      {
        name: 'marginIn',
        symbol: 'm_in',
        default: -23,
        least: -1000,
        most: 1000,
        help: 'In-distribution images with a higher energy are penalised.',
      },
      {
        name: 'marginOut',
        symbol: 'm_out',
        default: -5,
        least: -1000,
        most: 1000,
        help: 'Outliers with a lower energy are penalised.',
      },
      weight('w', 0.1),
    ],
  },
  {
    id: 'outlier-exposure',
    label: 'Outlier Exposure',
    formula: 'L = L_{CE} + w · mean −(1/K) Σ_k log p_k(x_{out})',
    source: 'Hendrycks et al.: Deep Anomaly Detection with Outlier Exposure, ICLR 2019',
    outliers: true,
    settings: [weight('w', 0.5)],
  },
  {
    id: 'oecc',
    label: 'Outlier Exposure with confidence control',
    formula: 'L = L_{CE} + λ₁ (A_{tr} − mean max p(x_{in}))² + λ₂ · mean Σ_k |1/K − p_k(x_{out})|',
    source:
      'Papadopoulos et al.: Outlier exposure with confidence control for out-of-distribution detection, Neurocomputing 2021',
    outliers: true,
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
      weight('λ₂', 12.8),
    ],
  },
  {
    id: 'confidence-calibrated',
    label: 'Confidence-calibrated (without GAN)',
    formula: 'L = L_{CE} + β · mean KL(U ‖ p(x_{out}))',
    source:
      'Lee et al.: Training Confidence-calibrated Classifiers for Detecting Out-of-Distribution Samples, ICLR 2018',
    outliers: true,
    settings: [weight('β', 1)],
  },
];
