import { AppError } from '../errors.ts';
import { checkedScores, checkSameLength } from './checked-scores.ts';

/** One bar of a reliability diagram: confidences in (low, high]. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence of the images in the bin; null when there are none. */
  readonly confidence: number | null;
  /** Share of them that is predicted correctly; null when there are none. */
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error, Σ (n_b / n) |accuracy_b - confidence_b|; 0 = calibrated. */
  readonly ece: number;
  readonly bins: readonly CalibrationBin[];
}

/**
 * Calibration of the predicted class in equal-width bins (Guo et al. 2017, eq. 3).
 * @param confidence largest softmax probability per image, 0 to 1
 * @param correct per image whether the prediction is right (true or 1)
 * @param binCount 15 in the literature
 * @throws AppError when empty, NaN, of different lengths, or a confidence lies outside 0 to 1
 */
export function calibration(
  confidence: ArrayLike<number>,
  correct: ArrayLike<boolean | number>,
  binCount = 15,
): Calibration {
  const values = checkedScores(confidence, 'Confidence');
  checkSameLength(confidence, 'Confidence', correct, 'correctness');
  const counts = new Float64Array(binCount);
  const sums = new Float64Array(binCount);
  const hits = new Float64Array(binCount);
  values.forEach((value, i) => {
    if (value < 0 || value > 1) {
      throw new AppError(
        'invalid-data',
        `Confidence: value ${i + 1} is ${value}, not a probability from 0 to 1. Pass softmax probabilities, not logits.`,
      );
    }
    const bin = Math.max(0, Math.ceil(value * binCount) - 1);
    counts[bin]!++;
    sums[bin]! += value;
    if (Number(correct[i]) === 1) hits[bin]!++;
  });
  let ece = 0;
  const bins: CalibrationBin[] = [];
  for (let b = 0; b < binCount; b++) {
    const count = counts[b]!;
    ece += Math.abs(hits[b]! - sums[b]!) / values.length;
    bins.push({
      low: b / binCount,
      high: (b + 1) / binCount,
      count,
      confidence: count === 0 ? null : sums[b]! / count,
      accuracy: count === 0 ? null : hits[b]! / count,
    });
  }
  return { ece, bins };
}
