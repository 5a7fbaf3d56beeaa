import type { Estimate } from '../report/audit.ts';

/**
 * Quantile of ascending values, linear between neighbours (numpy's default, Hyndman & Fan type 7).
 * @param ascending at least one value, sorted
 * @param share 0 to 1
 */
export function quantile(ascending: Float64Array, share: number): number {
  const position = share * (ascending.length - 1);
  const below = Math.floor(position);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  return low === high ? low : low + (high - low) * (position - below);
}

/**
 * A value with its 95% percentile-bootstrap interval (Efron & Tibshirani 1993, ch. 13): the 2.5% and 97.5%
 * quantiles of the resampled values.
 * @param value computed on the images themselves
 * @param resampled the same number on every resample
 */
export function percentileEstimate(value: number, resampled: Float64Array): Estimate {
  const ascending = resampled.slice().sort();
  return { value, low: quantile(ascending, 0.025), high: quantile(ascending, 0.975) };
}
