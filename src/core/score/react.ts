import {
  fittedFloats,
  hyperparameter,
  requireFeatures,
  requireLastLayer,
  scalar,
} from './inputs.ts';
import { streamedPercentile } from './percentile.ts';
import { shapedEnergies } from './shaped-energy.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = {
  id: 'react',
  hyperparameters: {
    percentile: { label: 'percentile p', default: 90, min: 0, max: 100 },
  },
} as const;

/**
 * ReAct: energy of features cut down to the p-th percentile c of all activations on ID training images,
 * S = log Σ_k exp(W min(g, c) + b)_k. Sun, Guo, Li 2021, eq. 3; p = 90 is theirs. A matrix product with the last layer.
 */
export const react: Detector = {
  ...settings,
  label: 'ReAct',
  formula: 'S = log Σ_k exp(W · min(g, c) + b)_k, c = p-th percentile of the training activations',
  source:
    'Sun, Guo, Li: ReAct: Out-of-distribution Detection With Rectified Activations, NeurIPS 2021',
  sourceUrl: 'https://arxiv.org/abs/2111.12797',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'one more last layer; fitting reads the training features twice',
  assumes: 'Unknown images have some units that are far more active than any on known images.',
  fits: 'the p-th percentile of all activations',
  needs: ['features', 'lastLayer'],
  heavy: false,
  grid: { percentile: [85, 90, 95, 99] },
  fit: async (training, context) => {
    const percent = hyperparameter(settings, 'percentile', context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const read = async function* () {
      for await (const { features } of reader.blocks(['features'])) yield features.data;
    };
    const limit = await streamedPercentile(read, percent);
    return { arrays: { limit: scalar(limit) }, notes: reader.notes };
  },
  score: (inputs, context) => {
    hyperparameter(settings, 'percentile', context?.hyperparameters);
    const features = requireFeatures(inputs, settings.id);
    const lastLayer = requireLastLayer(inputs, settings.id, features.units);
    const limit = fittedFloats(context, settings.id, 'limit')[0]!;
    return shapedEnergies(features, lastLayer, (row) => {
      for (let j = 0; j < row.length; j++) if (row[j]! > limit) row[j] = limit;
    });
  },
};
