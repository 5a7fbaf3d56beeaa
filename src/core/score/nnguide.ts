import { AppError } from '../errors.ts';
import { logSumExp } from '../metrics/softmax.ts';
import { fillBank, largestProducts, normalised } from './bank.ts';
import { checkFittedWidth, checkSameImages, fittedArray, hyperparameter, requireFeatures, requireLogits } from './inputs.ts'; // prettier-ignore
import { TrainingReader } from './training-reader.ts';
import type { Detector, Logits, ScoreContext } from './types.ts';

const settings = {
  id: 'nnguide',
  hyperparameters: {
    k: { label: 'neighbours k', default: 10, min: 1, max: 50_000 },
  },
} as const;

/**
 * NNGuide: the energy times how confident and near the nearest training images are,
 * S = s(x) · mean of the k largest s(x_i) · cos(g, g_i), s = log Σ_k exp(f_k). Park, Jung, Teoh 2023, eq. 4 and 5, with
 * their k = 10. They draw 1% of ImageNet's training images; here all are compared with, up to the same bound as KNN.
 * OpenOOD has k = 100 and adds 1e-10 to the normalised features. images × units per image.
 */
export const nnGuide: Detector = {
  ...settings,
  label: 'NNGuide',
  formula: 'S = s(x) · mean over the k largest of s(x_i) · cos(g, g_i), s = log Σ_k exp(f_k)',
  source: 'Park, Jung, Teoh: Nearest Neighbor Guidance for Out-of-Distribution Detection, ICCV 2023', // prettier-ignore
  sourceUrl: 'https://arxiv.org/abs/2309.14888',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'training images × units per image; keeps the training features (50,000 images at most)',
  assumes:
    'Energies that are above 0 on known images, and features of a class that point the same way.',
  fits: 'keeps the features and energies of the training images',
  needs: ['logits', 'features'],
  heavy: true,
  grid: { k: [1, 5, 10, 50, 100] },
  fit: async (training, context) => {
    const reader = new TrainingReader(training, settings.id, context);
    const { data, count, notes } = await fillBank(reader, ['features', 'logits'], (block) =>
      energies(block.logits),
    );
    neighbours(count, context);
    return { arrays: { bank: { shape: [count, training.lastLayer.units], data } }, notes };
  },
  score: async (inputs, context) => {
    const logits = requireLogits(inputs, settings.id);
    const features = requireFeatures(inputs, settings.id);
    const { count, units } = features;
    checkSameImages(settings.id, logits.count, count);
    const { data, shape } = fittedArray(context, settings.id, 'bank');
    checkFittedWidth(shape[1]!, units, settings.id);
    const bank = data as Float32Array;
    const k = neighbours(shape[0]!, context);
    const scores = energies(logits);
    const queries = { data: normalised(features), count, units };
    await largestProducts(bank, queries, k, context, (query, products) => {
      scores[query]! *= products.reduce((sum, value) => sum + value, 0) / k;
    });
    return scores;
  },
};

const energies = ({ data, count, classes }: Logits): Float64Array =>
  Float64Array.from({ length: count }, (_, row) => logSumExp(data, row * classes, classes));

/**
 * k, checked against the number of training images.
 * @throws AppError `usage`
 */
function neighbours(images: number, context: ScoreContext | undefined): number {
  const k = Math.round(hyperparameter(settings, 'k', context?.hyperparameters));
  if (k <= images) return k;
  throw new AppError(
    'usage',
    `Score nnguide: ${k} neighbours were asked for, but there are only ${images} training images. Choose k of ${images} at most.`,
  );
}
