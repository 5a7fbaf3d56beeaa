/** What corruption does to a model, in numbers. */
import { auroc } from '../metrics/auroc.ts';

/** What a model says about some images, in the same order wherever they are compared. */
export interface Answers {
  /** S = −E, larger = more in-distribution. */
  readonly scores: Float64Array;
  readonly predicted: Int32Array;
}

export interface Measured {
  readonly accuracy: number;
  /** Share of the images with S >= δ, δ from clean ID validation images; the rest is rejected. */
  readonly keptAtThreshold: number;
  /** Mean of E, the paper's sign. */
  readonly meanEnergy: number;
}

/** @param labels in the model's classes; -1 for a class that it does not know */
export function measured(
  { scores, predicted }: Answers,
  labels: Int32Array,
  threshold: number,
): Measured {
  const n = labels.length;
  let correct = 0;
  let kept = 0;
  let sum = 0;
  for (const [i, score] of scores.entries()) {
    if (predicted[i] === labels[i]) correct++;
    if (score >= threshold) kept++;
    sum -= score;
  }
  return { accuracy: correct / n, keptAtThreshold: kept / n, meanEnergy: sum / n };
}

/**
 * How well the energy tells clean images from the same images corrupted, 0.5 for not at all. A corrupted image of a
 * known class is covariate shift, not a new kind of thing: a high value is no merit in itself.
 */
export const separation = (clean: Answers, corrupted: Answers): number =>
  auroc(clean.scores, corrupted.scores);
