import { quantile } from '../../metrics/percentile.ts';

/** Bin edges, `bins + 1` of them, ascending. */
export type BinEdges = readonly number[];

/**
 * Equal bins over all values together, so that every series can be drawn on the same bins. One value in 250 at
 * either end is left outside: a few extreme images would otherwise squeeze the rest into one bin.
 * @throws RangeError when there is no value
 */
export function sharedBins(series: readonly ArrayLike<number>[], bins = 60): BinEdges {
  const all = Float64Array.from(series.flatMap((values) => Array.from(values))).sort();
  if (all.length === 0) throw new RangeError('No values to bin.');
  const low = quantile(all, 0.004);
  const high = quantile(all, 0.996);
  const width = high > low ? (high - low) / bins : 1 / bins;
  return Array.from({ length: bins + 1 }, (_, i) => low + i * width);
}

/**
 * Share of the values per unit of x in each bin; values beyond the ends count in the outermost bins, so the
 * areas sum to 1.
 * @returns one density per bin
 */
export function densities(values: ArrayLike<number>, edges: BinEdges): number[] {
  const bins = edges.length - 1;
  const low = edges[0]!;
  const width = (edges[bins]! - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of Array.from(values)) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
    counts[bin]!++;
  }
  return counts.map((count) => count / (values.length * width));
}
