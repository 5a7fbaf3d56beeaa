import { rowMaximum } from '../metrics/softmax.ts';
import { checkHyperparameters, requireLogits } from './inputs.ts';
import type { LogitDetector } from './types.ts';

const settings = { id: 'maxlogit', hyperparameters: {} } as const;

/** Largest logit, S = max_k f_k. Hendrycks et al. 2022. */
export const maxLogit: LogitDetector = {
  ...settings,
  label: 'MaxLogit',
  formula: 'S = max_k f_k',
  source:
    'Hendrycks et al.: Scaling Out-of-Distribution Detection for Real-World Settings, ICML 2022',
  sourceUrl: 'https://arxiv.org/abs/1911.11132',
  orientation: 'Shown as it is: a logit, higher = more in-distribution.',
  cost: 'none beyond the forward pass',
  assumes: 'Logits that were trained with cross-entropy.',
  fits: null,
  needs: ['logits'],
  heavy: false,
  score: (inputs, { hyperparameters: given } = {}) => {
    checkHyperparameters(settings, given);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    return Float64Array.from({ length: count }, (_, row) =>
      rowMaximum(data, row * classes, classes),
    );
  },
};
