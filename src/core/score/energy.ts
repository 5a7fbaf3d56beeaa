import { logSumExp } from '../metrics/softmax.ts';
import { hyperparameter, requireLogits } from './inputs.ts';
import type { LogitDetector } from './types.ts';

const settings = {
  id: 'energy',
  hyperparameters: {
    temperature: { label: 'temperature T', default: 1, min: 1e-3, max: 1e6 },
  },
} as const;

/** Energy score, S = -E = T log Σ_k exp(f_k / T). Liu et al. 2020, eq. 4; T = 1 is theirs and the paper's. */
export const energy: LogitDetector = {
  ...settings,
  label: 'Energy',
  formula: 'S = T · log Σ_k exp(f_k / T) = −E',
  source: 'Liu, Wang, Owens, Li: Energy-based Out-of-distribution Detection, NeurIPS 2020',
  sourceUrl: 'https://arxiv.org/abs/2010.03759',
  orientation: 'Shown as the energy E = −S: lower = more in-distribution.',
  cost: 'none beyond the forward pass',
  assumes:
    'Logits that were trained with cross-entropy; energies of two models are not comparable.',
  fits: null,
  needs: ['logits'],
  heavy: false,
  score: (inputs, { hyperparameters: given } = {}) => {
    const temperature = hyperparameter(settings, 'temperature', given);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    return Float64Array.from({ length: count }, (_, row) =>
      logSumExp(data, row * classes, classes, temperature),
    );
  },
};

/**
 * Energies with the sign users see, E = -S; applying it twice gives S back.
 * @param scores scores of {@link energy}, `[count]`
 */
export const energiesOf = (scores: ArrayLike<number>): Float64Array =>
  Float64Array.from(scores, (score) => 0 - score);
