import { AppError } from '../errors.ts';
import { fillBank, largestProducts, normalised } from './bank.ts';
import { checkFittedWidth, fittedArray, hyperparameter, requireFeatures } from './inputs.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector, ScoreContext } from './types.ts';

const settings = {
  id: 'knn',
  hyperparameters: {
    k: { label: 'neighbour k', default: 50, min: 1, max: 50_000 },
  },
} as const;

/**
 * KNN: minus the Euclidean distance to the k-th nearest training image, features divided by their length,
 * S = −‖ĝ − ĝ_(k)‖. Sun et al. 2022, eq. 2; k = 50 is theirs for CIFAR-10, with all training images. Neighbours are
 * found by float32 products, the distance is computed in float64. images × units per image.
 */
export const knn: Detector = {
  ...settings,
  label: 'KNN',
  formula: 'S = −‖ĝ − k-th nearest ĝ_train‖, ĝ = g / ‖g‖₂',
  source: 'Sun, Ming, Zhu, Li: Out-of-Distribution Detection with Deep Nearest Neighbors, ICML 2022', // prettier-ignore
  sourceUrl: 'https://arxiv.org/abs/2204.06507',
  orientation: 'Shown as it is: minus a distance, higher = more in-distribution.',
  cost: 'training images × units per image; keeps the training features (50,000 images at most)',
  assumes: 'Nothing about the shape of the features; unknown images are far from all known ones.',
  fits: 'keeps the features of the training images',
  needs: ['features'],
  heavy: true,
  grid: { k: [1, 10, 20, 50, 100, 200] },
  fit: async (training, context) => {
    const reader = new TrainingReader(training, settings.id, context);
    const { data, count, notes } = await fillBank(reader, ['features']);
    neighbours(count, context);
    return { arrays: { bank: { shape: [count, training.lastLayer.units], data } }, notes };
  },
  score: async (inputs, context) => {
    const features = requireFeatures(inputs, settings.id);
    const { count, units } = features;
    const { data, shape } = fittedArray(context, settings.id, 'bank');
    checkFittedWidth(shape[1]!, units, settings.id);
    const bank = data as Float32Array;
    const k = neighbours(shape[0]!, context);
    const queries = normalised(features);
    const scores = new Float64Array(count);
    await largestProducts(bank, { data: queries, count, units }, k, context, (query, _, rows) => {
      // Products of near vectors cancel; the difference itself does not.
      let square = 0;
      const [from, to] = [query * units, rows[0]! * units];
      for (let j = 0; j < units; j++) square += (queries[from + j]! - bank[to + j]!) ** 2;
      scores[query] = 0 - Math.sqrt(square);
    });
    return scores;
  },
};

/**
 * k, checked against the number of training images.
 * @throws AppError `usage`
 */
function neighbours(images: number, context: ScoreContext | undefined): number {
  const k = Math.round(hyperparameter(settings, 'k', context?.hyperparameters));
  if (k <= images) return k;
  throw new AppError(
    'usage',
    `Score knn: the ${k}-th neighbour was asked for, but there are only ${images} training images. Choose k of ${images} at most.`,
  );
}
