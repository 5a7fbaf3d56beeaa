import { shapingDetector, type ShapingSpec } from './activation-shaping.ts';
import { keptRatio } from './shaped-energy.ts';

/**
 * 65 is the authors' for ASH-B on ImageNet; they tune it for each network (60 to 95). All three variants prune here
 * by the same rule: kept are values at or above the image's own percentile, linear between neighbours. The authors' code and OpenOOD keep exactly n − round(n · p / 100) values instead, which is one
 * or two units fewer.
 */
const percentile = { label: 'percentile p', default: 65, min: 0, max: 99.999 } as const;

const common = {
  source:
    'Djurisic, Bozanic, Ashok, Liu: Extremely Simple Activation Shaping for Out-of-Distribution Detection, ICLR 2023',
  sourceUrl: 'https://arxiv.org/abs/2209.09858',
  assumes: 'Features after ReLU; what is known shows in a few strong units.',
  hyperparameters: { percentile },
  grid: { percentile: [65, 70, 75, 80, 85, 90, 95] },
} as const satisfies Partial<ShapingSpec>;

/**
 * ASH-S: weak units to 0, the others times exp(sum before / sum after), then the energy. Djurisic et al. 2023,
 * alg. 3, on the pooled features.
 */
export const ashS = shapingDetector({
  ...common,
  id: 'ash-s',
  label: 'ASH-S',
  formula:
    'S = log Σ_k exp(W · g′ + b)_k, g′ = g · exp(Σg / Σ_kept g) where g ≥ its p-th percentile, else 0',
  shape: (row, own) => {
    const factor = Math.exp(keptRatio(own));
    for (let j = 0; j < row.length; j++) row[j] = row[j]! < own.limit ? 0 : row[j]! * factor;
  },
});

/** ASH-P: weak units to 0, the others as they are, then the energy. Djurisic et al. 2023, alg. 1. */
export const ashP = shapingDetector({
  ...common,
  id: 'ash-p',
  label: 'ASH-P',
  formula: 'S = log Σ_k exp(W · g′ + b)_k, g′ = g where g ≥ its p-th percentile, else 0',
  shape: (row, { limit }) => {
    for (let j = 0; j < row.length; j++) if (row[j]! < limit) row[j] = 0;
  },
});

/**
 * ASH-B: weak units to 0, all others to the same value so that the sum stays, then the energy. Djurisic et al. 2023,
 * alg. 2.
 */
export const ashB = shapingDetector({
  ...common,
  id: 'ash-b',
  label: 'ASH-B',
  formula:
    'S = log Σ_k exp(W · g′ + b)_k, g′ = Σg / (number kept) where g ≥ its p-th percentile, else 0',
  shape: (row, { limit, sum, keptUnits }) => {
    const value = sum / keptUnits;
    for (let j = 0; j < row.length; j++) row[j] = row[j]! < limit ? 0 : value;
  },
});
