import { AppError } from '../errors.ts';
import { checkedScores } from './checked-scores.ts';

/** A share as a fraction of two integers, so that "95% of n images" has one exact meaning. */
export interface Rate {
  readonly numerator: number;
  readonly denominator: number;
}

/** The customary 95%. */
export const TPR_95: Rate = { numerator: 95, denominator: 100 };

/**
 * `percent(95)` is 95/100.
 * @param value whole number, 1 to 100
 */
export const percent = (value: number): Rate => ({ numerator: value, denominator: 100 });

/**
 * How many of `n` images make up at least the given share: ceil(rate * n) in integer arithmetic.
 * (In floating point 0.55 * 100 is 55.00000000000001, whose ceiling keeps one image too many.)
 * @param rate above 0 and at most 1
 * @returns 1 to n
 * @throws AppError `usage` when the rate is not a fraction of whole numbers in (0, 1]
 */
export function imagesToKeep(rate: Rate, n: number): number {
  const { numerator, denominator } = rate;
  const valid =
    Number.isSafeInteger(numerator) &&
    Number.isSafeInteger(denominator * n) &&
    Number.isSafeInteger(numerator * n) &&
    numerator > 0 &&
    numerator <= denominator;
  if (!valid) {
    throw new AppError(
      'usage',
      `Rate ${numerator}/${denominator}: not a share above 0 and at most 1 made of whole numbers. Give a percentage such as 95, or 995/1000.`,
    );
  }
  const product = numerator * n;
  const rest = product % denominator;
  return (product - rest) / denominator + (rest > 0 ? 1 : 0);
}

/**
 * The largest threshold δ that keeps at least `tpr` of the given scores when S >= δ is kept:
 * the k-th largest score with k = ceil(tpr * n).
 * @param idScores scores of in-distribution images, larger = more in-distribution
 * @returns one of the scores
 * @throws AppError when there are no scores or one is NaN
 */
export function thresholdAtTpr(idScores: ArrayLike<number>, tpr: Rate = TPR_95): number {
  const ascending = checkedScores(idScores, 'ID scores').sort();
  return ascending[ascending.length - imagesToKeep(tpr, ascending.length)]!;
}

/**
 * Share of the scores at or above the threshold, 0 to 1.
 * @throws AppError when there are no scores, or one or the threshold is NaN
 */
export function shareAtLeast(
  scores: ArrayLike<number>,
  threshold: number,
  name = 'Scores',
): number {
  checkedScores([threshold], 'Threshold');
  const checked = checkedScores(scores, name);
  let kept = 0;
  for (const score of checked) if (score >= threshold) kept++;
  return kept / checked.length;
}
