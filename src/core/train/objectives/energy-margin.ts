import { fit, outliersOf, type LossTerm, type Objective } from './objective.ts';

const inside: LossTerm = { name: 'energyIn', weight: 'outlierWeight' };
const outside: LossTerm = { name: 'energyOut', weight: 'outlierWeight' };

/**
 * L = L_CE + w · [mean max(0, E(x_in) - m_in)² + mean max(0, m_out - E(x_out))²], E = -log Σ exp(f).
 * Liu, Wang, Owens, Li: Energy-based Out-of-distribution Detection, NeurIPS 2020, and their code
 * (wetliu/energy_ood, CIFAR/train.py and run.sh): w = 0.1, m_in = -23 and m_out = -5 for CIFAR-10
 * (-27 and -5 for CIFAR-100), 256 outliers to 128 images.
 */
export const energyMargin: Objective = {
  id: 'energy-margin',
  label: 'Energy margin',
  formula:
    'L = L_{CE} + w · [mean max(0, E(x_{in}) − m_{in})² + mean max(0, m_{out} − E(x_{out}))²]',
  source: 'Liu et al.: Energy-based Out-of-distribution Detection, NeurIPS 2020',
  outliers: true,
  scalars: ['outlierWeight', 'marginIn', 'marginOut'],
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
    {
      name: 'outlierWeight',
      symbol: 'w',
      default: 0.1,
      least: 0,
      most: 100,
      help: 'Weight of both hinges; 0 is the control.',
    },
  ],
  penalties: ['outlierWeight'],
  terms: [fit, inside, outside],
  apply(losses, inputs) {
    losses.crossEntropy(fit, inputs.logits);
    losses.energyAbove(inside, inputs.logits, 'marginIn');
    losses.energyBelow(outside, outliersOf(inputs).logits, 'marginOut');
  },
};
