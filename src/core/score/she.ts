import { classList, GroupSums } from './class-means.ts';
import { checkFittedWidth, checkHyperparameters, checkSameImages, fittedFloats, requireFeatures, requireLogits } from './inputs.ts'; // prettier-ignore
import { AppError } from '../errors.ts';
import { predictions } from './predictions.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = { id: 'she', hyperparameters: {} } as const;

/**
 * SHE, simplified Hopfield energy: S = g · μ_ŷ, the inner product with the mean feature of the correctly classified
 * training images of the predicted class. Zhang et al. 2023, eq. 7; the inner product is their choice. An image of a class
 * without a correct training image gets the mean over all classes' means.
 */
export const she: Detector = {
  ...settings,
  label: 'SHE',
  formula: 'S = g · μ_ŷ, μ = mean feature of correctly classified training images',
  source: 'Zhang et al.: Out-of-Distribution Detection based on In-Distribution Data Patterns Memorization with Modern Hopfield Energy, ICLR 2023', // prettier-ignore
  sourceUrl: 'https://openreview.net/forum?id=KkazG4lgKL',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'one product of vectors per image; fitting reads the training features once',
  assumes: 'One mean pattern describes a class.',
  fits: 'a mean feature per class',
  needs: ['logits', 'features'],
  heavy: false,
  fit: async (training, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const { units, classes } = training.lastLayer;
    const sums = new GroupSums(classes, units);
    for await (const { logits, features, labels } of reader.blocks(['logits', 'features'])) {
      const { predicted } = predictions(logits);
      labels.forEach((label, row) => {
        if (predicted[row] === label) sums.add(label, features.data, row * units);
      });
    }
    const { present } = sums;
    if (present.length === 0)
      throw new AppError(
        'invalid-data',
        'Score she: the model classifies no training image correctly, so there are no patterns to compare with. Check that the classes of model and dataset belong together.',
      );
    const overall = new GroupSums(1, units);
    for (const k of present) overall.add(0, sums.mean(k), 0);
    const patterns = new Float64Array(classes * units);
    const missing: number[] = [];
    for (let k = 0; k < classes; k++) {
      const has = sums.counts[k]! > 0;
      if (!has) missing.push(k);
      patterns.set(has ? sums.mean(k) : overall.mean(0), k * units);
    }
    return {
      arrays: { patterns: { shape: [classes, units], data: patterns } },
      notes: [
        ...reader.notes,
        ...(missing.length > 0
          ? [
              `No training image of ${classList(training.classNames, missing)} is classified correctly; images predicted so are compared with the mean of the other classes' patterns.`,
            ]
          : []),
      ],
    };
  },
  score: (inputs, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const logits = requireLogits(inputs, settings.id);
    const { data, count, units } = requireFeatures(inputs, settings.id);
    checkSameImages(settings.id, logits.count, count);
    const patterns = fittedFloats(context, settings.id, 'patterns');
    checkFittedWidth(patterns.length / logits.classes, units, settings.id);
    const { predicted } = predictions(logits);
    return Float64Array.from(predicted, (k, row) => {
      let sum = 0;
      for (let j = 0; j < units; j++) sum += data[row * units + j]! * patterns[k * units + j]!;
      return sum;
    });
  },
};
