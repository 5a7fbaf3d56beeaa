import { softmax } from '../metrics/softmax.ts';
import { requireLogits } from './inputs.ts';
import type { Logits } from './types.ts';

/** What the classifier says about each image. */
export interface Predictions {
  /** Class index with the largest logit, the first of equals; `[count]`. */
  readonly predicted: Int32Array;
  /** Its softmax probability, 0 to 1; `[count]`. */
  readonly confidence: Float64Array;
}

/**
 * Predicted classes and their probabilities.
 * @throws AppError `invalid-data` naming the row whose logits are NaN or infinite
 */
export function predictions(logits: Logits): Predictions {
  const { data, count, classes } = requireLogits({ logits }, 'predictions');
  const predicted = new Int32Array(count);
  const confidence = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const p = softmax(data, row * classes, classes);
    // Logits decide: probabilities of different logits can round to the same number.
    const values = data.subarray(row * classes, (row + 1) * classes);
    predicted[row] = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    confidence[row] = p[predicted[row]!]!;
  }
  return { predicted, confidence };
}
