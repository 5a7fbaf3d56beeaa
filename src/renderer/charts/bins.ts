/** Numbers for distributions: bins that all sets share, and smooth densities over them. */

export interface Bins {
  /** One more than bins, ascending. */
  readonly edges: Float64Array;
  readonly centres: Float64Array;
  readonly width: number;
}

/** Bins over the range of all sets together. @param sets each ascending */
export function sharedBins(sets: readonly ArrayLike<number>[], count = 60): Bins {
  let low = Infinity;
  let high = -Infinity;
  for (const sorted of sets) {
    if (sorted.length === 0) continue;
    low = Math.min(low, sorted[0]!);
    high = Math.max(high, sorted[sorted.length - 1]!);
  }
  if (!(low < high)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  const width = (high - low) / count;
  return {
    edges: Float64Array.from({ length: count + 1 }, (_, index) => low + index * width),
    centres: Float64Array.from({ length: count }, (_, index) => low + (index + 0.5) * width),
    width,
  };
}

/** Images per bin as a share of the set per unit of score, so that sets of different size compare: area 1. */
export function histogram(sorted: ArrayLike<number>, { edges, width }: Bins): Float64Array {
  const bins = new Float64Array(edges.length - 1);
  if (sorted.length === 0) return bins;
  const low = edges[0]!;
  for (let index = 0; index < sorted.length; index++) {
    const bin = Math.min(bins.length - 1, Math.max(0, Math.floor((sorted[index]! - low) / width)));
    bins[bin]!++;
  }
  return bins.map((images) => images / (sorted.length * width));
}

/**
 * Gaussian kernel density over a fine grid, by binning first: O(n + grid²), the same for 1M images as for 100.
 * Bandwidth by Silverman's rule, with the smaller of standard deviation and interquartile range.
 * @param sorted ascending
 */
export function density(
  sorted: ArrayLike<number>,
  range: { readonly low: number; readonly high: number },
  points = 240,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const { low, high } = range;
  const step = (high - low) / (points - 1);
  const x = Float64Array.from({ length: points }, (_, index) => low + index * step);
  const y = new Float64Array(points);
  const n = sorted.length;
  if (n === 0) return { x, y };

  const weights = new Float64Array(points);
  for (let index = 0; index < n; index++) {
    // Shared between the two neighbours, so that nothing moves to the nearest point.
    const place = Math.min(points - 1, Math.max(0, (sorted[index]! - low) / step));
    const left = Math.min(points - 2, Math.floor(place));
    weights[left]! += 1 - (place - left);
    weights[left + 1]! += place - left;
  }
  const width = Math.max(bandwidth(sorted), step / 2);
  const reach = Math.ceil((4 * width) / step);
  const kernel = Float64Array.from(
    { length: reach + 1 },
    (_, away) =>
    Math.exp(-0.5 * ((away * step) / width) ** 2) / (n * width * Math.sqrt(2 * Math.PI)), // prettier-ignore
  );
  for (let from = 0; from < points; from++) {
    const weight = weights[from]!;
    if (weight === 0) continue;
    const last = Math.min(points - 1, from + reach);
    for (let to = Math.max(0, from - reach); to <= last; to++)
      y[to]! += weight * kernel[Math.abs(to - from)]!;
  }
  return { x, y };
}

function bandwidth(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  let sum = 0;
  for (let index = 0; index < n; index++) sum += sorted[index]!;
  const mean = sum / n;
  let squares = 0;
  for (let index = 0; index < n; index++) squares += (sorted[index]! - mean) ** 2;
  const std = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
  const at = (share: number): number => sorted[Math.min(n - 1, Math.floor(share * n))]!;
  const spread = (at(0.75) - at(0.25)) / 1.34;
  const smaller = spread > 0 ? Math.min(std, spread) : std;
  return 0.9 * smaller * n ** -0.2;
}
