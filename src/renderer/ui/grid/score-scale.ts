/** The scale at the edge of the grid: scores from the list's first to its last, and where in the list they are. */

export interface ScoreScale {
  readonly top: number;
  readonly bottom: number;
  /** Images per bin from top to bottom, 0 to 1 of the fullest. */
  readonly bins: Float64Array;
}

/** Null where scores are not in order (another sort) or all the same: the scale is then plain positions. */
export function scoreScale(scores: Float64Array, bins: number): ScoreScale | null {
  // Images that are not scored stand at the end.
  let known = scores.length;
  while (known > 0 && Number.isNaN(scores[known - 1]!)) known--;
  if (known < 2) return null;
  const top = scores[0]!;
  const bottom = scores[known - 1]!;
  const sign = bottom > top ? 1 : -1;
  if (top === bottom || Number.isNaN(top)) return null;
  const counts = new Float64Array(bins);
  let before = top;
  for (let index = 0; index < known; index++) {
    const score = scores[index]!;
    if ((score - before) * sign < 0) return null;
    before = score;
    counts[Math.min(bins - 1, Math.floor(((score - top) / (bottom - top)) * bins))]!++;
  }
  const most = counts.reduce((one, other) => Math.max(one, other), 0);
  return { top, bottom, bins: counts.map((count) => count / most) };
}

/** The first image at or beyond a share of the scale, 0 at the top. */
export function indexAtShare(scores: Float64Array, scale: ScoreScale, share: number): number {
  const wanted = scale.top + share * (scale.bottom - scale.top);
  const sign = scale.bottom > scale.top ? 1 : -1;
  let low = 0;
  let high = scores.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    // NaN compares false and so counts as beyond.
    if ((scores[middle]! - wanted) * sign < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function shareOf(scale: ScoreScale, score: number): number {
  if (Number.isNaN(score)) return 1;
  return Math.min(1, Math.max(0, (score - scale.top) / (scale.bottom - scale.top)));
}
