/** Numbers for the score scale beside the grid. Keys are in list order and monotone, either way. */

export interface KeyHistogram {
  /** Key of the first and of the last image. */
  readonly from: number;
  readonly to: number;
  /** Share of the images per bin, from the first key to the last. */
  readonly heights: readonly number[];
}

export function keyHistogram(keys: Float64Array, bins: number): KeyHistogram {
  const from = keys[0] ?? 0;
  const to = keys.at(-1) ?? 0;
  if (keys.length === 0 || from === to)
    return { from, to, heights: Array.from({ length: bins }, () => 0) };
  const heights = new Array<number>(bins).fill(0);
  let before = 0;
  for (let bin = 0; bin < bins; bin++) {
    const upTo =
      bin === bins - 1 ? keys.length : indexOfKey(keys, from + ((bin + 1) / bins) * (to - from));
    heights[bin] = (upTo - before) / keys.length;
    before = upTo;
  }
  return { from, to, heights };
}

/** First index whose key has reached `wanted`, in the direction of the list; the last index when none has. */
export function indexOfKey(keys: Float64Array, wanted: number): number {
  const falling = keys.length > 1 && keys[0]! > keys.at(-1)!;
  let low = 0;
  let high = keys.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const reached = falling ? keys[middle]! <= wanted : keys[middle]! >= wanted;
    if (reached) high = middle;
    else low = middle + 1;
  }
  return Math.max(0, low);
}
