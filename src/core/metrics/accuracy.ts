import { checkedScores, checkSameLength } from './checked-scores.ts';

/**
 * Per image 1 where the predicted class is the label, else 0.
 * @param predicted class indices
 * @param labels class indices of the same images
 * @throws AppError when empty or of different lengths
 */
export function correctness(predicted: ArrayLike<number>, labels: ArrayLike<number>): Uint8Array {
  checkSameLength(predicted, 'Predictions', labels, 'labels');
  const classes = checkedScores(predicted, 'Predictions');
  return Uint8Array.from(classes, (value, i) => (value === labels[i] ? 1 : 0));
}

/** Share of images whose predicted class is the label, 0 to 1. Throws as {@link correctness}. */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  const correct = correctness(predicted, labels);
  return correct.reduce((sum, value) => sum + value, 0) / correct.length;
}
