import { shapingDetector } from './activation-shaping.ts';
import { keptRatio } from './shaped-energy.ts';

/**
 * SCALE: all units times exp(sum of all / sum of those at or above the image's own percentile), then the energy. Xu et
 * al. 2024, eq. 9, on the pooled features; p = 85 is theirs.
 */
export const scale = shapingDetector({
  id: 'scale',
  label: 'SCALE',
  formula: 'S = log Σ_k exp(r · W · g + b)_k, r = exp(Σg / Σ{g : g ≥ its p-th percentile})',
  source: 'Xu, Chen, Franchi, Yao: Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement, ICLR 2024', // prettier-ignore
  sourceUrl: 'https://arxiv.org/abs/2310.00227',
  assumes: 'Features after ReLU; on known images a few units hold less of the sum.',
  hyperparameters: {
    percentile: { label: 'percentile p', default: 85, min: 0, max: 99.999 },
  },
  grid: { percentile: [65, 70, 75, 80, 85, 90, 95] },
  shape: (row, own) => {
    const factor = Math.exp(keptRatio(own));
    for (let j = 0; j < row.length; j++) row[j]! *= factor;
  },
});
