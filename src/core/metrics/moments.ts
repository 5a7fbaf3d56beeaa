import { AppError } from '../errors.ts';
import { checkedScores } from './checked-scores.ts';

/** Mean and population standard deviation (divided by n, as numpy's default). */
export interface Moments {
  readonly mean: number;
  readonly std: number;
}

/**
 * Mean and spread in two passes, so that large offsets lose nothing.
 * @param name what the values are, for the error
 * @throws AppError when empty, NaN or infinite
 */
export function moments(values: ArrayLike<number>, name = 'Values'): Moments {
  const checked = checkedScores(values, name);
  if (!checked.every((value) => Number.isFinite(value))) {
    throw new AppError(
      'invalid-data',
      `${name}: one is infinite, so they have no mean. Look for logits of -Infinity in the model's output.`,
    );
  }
  const mean = checked.reduce((sum, value) => sum + value, 0) / checked.length;
  const squares = checked.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / checked.length) };
}
