import { logSumExp, softmax } from '../metrics/softmax.ts';
import { classList, GroupSums } from './class-means.ts';
import { checkedResult, checkHyperparameters, fittedFloats, requireLogits } from './inputs.ts';
import { predictions } from './predictions.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = { id: 'kl-matching', hyperparameters: {} } as const;

/**
 * KL-Matching: S = −min_k KL(d_k ‖ p), d_k the mean softmax of the training images predicted as class k. Hendrycks et
 * al. 2022, section 4. The paper and OpenOOD have KL(p ‖ d_k). The reference numbers that this project is checked
 * against have the arguments the other way round, and we follow those. Templates come from the training split, as
 * there (paper and OpenOOD: from validation images). K² per image.
 */
export const klMatching: Detector = {
  ...settings,
  label: 'KL-Matching',
  formula: 'S = −min_k KL(d_k ‖ softmax(f)), d_k = mean softmax of images predicted as k',
  source: 'Hendrycks et al.: Scaling Out-of-Distribution Detection for Real-World Settings, ICML 2022', // prettier-ignore
  sourceUrl: 'https://arxiv.org/abs/1911.11132',
  orientation: 'Shown as it is: 0 or below, higher = more in-distribution.',
  cost: 'number of classes squared; fitting reads the training logits once',
  assumes: 'Softmax probabilities of a class have one typical shape.',
  fits: 'a mean softmax per predicted class',
  needs: ['logits'],
  heavy: false,
  fit: async (training, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const { classes } = training.lastLayer;
    const sums = new GroupSums(classes, classes);
    for await (const { logits } of reader.blocks(['logits']))
      predictions(logits).predicted.forEach((k, row) => {
        sums.add(k, softmax(logits.data, row * classes, classes), 0);
      });
    const { present } = sums;
    const templates = new Float64Array(present.length * classes);
    present.forEach((k, i) => {
      templates.set(sums.mean(k), i * classes);
    });
    const missing = [...sums.counts.keys()].filter((k) => sums.counts[k] === 0);
    return {
      arrays: { templates: { shape: [present.length, classes], data: templates } },
      notes: [
        ...reader.notes,
        ...(missing.length > 0
          ? [
              `No training image is predicted as ${classList(training.classNames, missing)}; there is no template for it.`,
            ]
          : []),
      ],
    };
  },
  score: (inputs, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    const templates = fittedFloats(context, settings.id, 'templates');
    const entropies = Float64Array.from({ length: templates.length / classes }, (_, k) => {
      let sum = 0;
      for (const d of templates.subarray(k * classes, (k + 1) * classes))
        if (d > 0) sum += d * Math.log(d);
      return sum;
    });
    const scores = Float64Array.from({ length: count }, (_, row) => {
      const offset = row * classes;
      const total = logSumExp(data, offset, classes);
      let nearest = Infinity;
      entropies.forEach((own, k) => {
        let cross = 0;
        for (let j = 0; j < classes; j++) {
          const d = templates[k * classes + j]!;
          if (d > 0) cross += d * (data[offset + j]! - total);
        }
        nearest = Math.min(nearest, own - cross);
      });
      return 0 - nearest;
    });
    return checkedResult(scores, 'KL-Matching');
  },
};
