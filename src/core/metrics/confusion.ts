import { checkSameLength } from './checked-scores.ts';

/** How often each class is taken for each. */
export interface Confusion {
  /** Row = true class, column = predicted; `[classes, classes]`. */
  readonly counts: Int32Array;
  readonly accuracy: number;
  /** Rates 0 to 1; 0 where a class has no images, or is never predicted. */
  readonly perClass: readonly {
    readonly recall: number;
    readonly precision: number;
    readonly n: number;
  }[];
}

/**
 * @param labels class index per image
 * @param predicted class index per image
 * @throws AppError `invalid-data` when the columns differ in length
 */
export function confusionOf(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): Confusion {
  checkSameLength(labels, 'Labels', predicted, 'predictions');
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]! * classes + predicted[i]!]!++;
  let right = 0;
  const perClass = Array.from({ length: classes }, (_, c) => {
    let n = 0;
    let claimed = 0;
    for (let other = 0; other < classes; other++) {
      n += counts[c * classes + other]!;
      claimed += counts[other * classes + c]!;
    }
    const hits = counts[c * classes + c]!;
    right += hits;
    return { recall: n > 0 ? hits / n : 0, precision: claimed > 0 ? hits / claimed : 0, n };
  });
  return { counts, accuracy: labels.length > 0 ? right / labels.length : 0, perClass };
}
