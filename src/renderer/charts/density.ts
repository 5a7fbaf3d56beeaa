/** Densities of sorted scores on bins that all sets share. */

/** Equal bins from `from` to `to`. */
export interface Bins {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bins over everything that the ascending arrays hold; a single value gets bins of width 1 / count around it. */
export function sharedBins(sorted: readonly Float64Array[], count = 100): Bins {
  const filled = sorted.filter((values) => values.length > 0);
  if (filled.length === 0) return { from: 0, to: 1, count };
  const from = Math.min(...filled.map((values) => values[0]!));
  const to = Math.max(...filled.map((values) => values.at(-1)!));
  return from < to ? { from, to, count } : { from: from - 0.5, to: to + 0.5, count };
}

/** How many of the ascending values are below `limit`. */
export function countBelow(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const binWidth = ({ from, to, count }: Bins): number => (to - from) / count;

/**
 * Share of the values per unit of score in each bin, `[bins.count]`: area 1 when all values lie within. Bins are closed
 * on the left; the last one on both sides, as in numpy.histogram.
 */
export function histogram(sorted: Float64Array, bins: Bins): Float64Array {
  const width = binWidth(bins);
  const result = new Float64Array(bins.count);
  if (sorted.length === 0) return result;
  let before = countBelow(sorted, bins.from);
  for (let bin = 0; bin < bins.count; bin++) {
    const last = bin === bins.count - 1;
    const upTo = last
      ? countAtMost(sorted, bins.to)
      : countBelow(sorted, bins.from + (bin + 1) * width);
    result[bin] = (upTo - before) / sorted.length / width;
    before = upTo;
  }
  return result;
}

function countAtMost(sorted: Float64Array, limit: number): number {
  let low = countBelow(sorted, limit);
  while (low < sorted.length && sorted[low] === limit) low++;
  return low;
}

/**
 * A histogram smoothed by a Gaussian of `bandwidth` (in score units) whose weights sum to 1 at every bin, so that a flat
 * density stays flat up to its ends.
 */
export function smooth(density: Float64Array, bins: Bins, bandwidth: number): Float64Array {
  const width = binWidth(bins);
  const reach = Math.max(1, Math.ceil((3 * bandwidth) / width));
  const weights = Array.from({ length: reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i * width) / bandwidth) ** 2),
  );
  return density.map((_, bin) => {
    let sum = 0;
    let total = 0;
    for (
      let other = Math.max(0, bin - reach);
      other <= Math.min(bins.count - 1, bin + reach);
      other++
    ) {
      const weight = weights[Math.abs(other - bin)]!;
      sum += weight * density[other]!;
      total += weight;
    }
    return sum / total;
  });
}

/** Silverman's rule of thumb, `0.9 min(σ, IQR / 1.34) n^(-1/5)` (1986, eq. 3.31), never below half a bin. */
export function bandwidthOf(sorted: Float64Array, bins: Bins): number {
  const n = sorted.length;
  const least = binWidth(bins) / 2;
  if (n < 2) return least;
  let mean = 0;
  for (const value of sorted) mean += value / n;
  let squares = 0;
  for (const value of sorted) squares += (value - mean) ** 2;
  const spread = Math.sqrt(squares / (n - 1));
  const range = (sorted[Math.floor(0.75 * (n - 1))]! - sorted[Math.floor(0.25 * (n - 1))]!) / 1.34;
  return Math.max(least, 0.9 * (range > 0 ? Math.min(spread, range) : spread) * n ** -0.2);
}
