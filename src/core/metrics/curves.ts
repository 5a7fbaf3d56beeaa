import type { Ranking } from './ranking.ts';

/** Points of a curve for charts. `threshold[i]` gives point i: accept S >= threshold. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly threshold: Float64Array;
}

/**
 * ROC curve, ID positive: x = share of OOD accepted (FPR), y = share of ID accepted (TPR), from (0, 0) at
 * threshold +Infinity to (1, 1); one point per distinct score.
 */
export function rocCurve(ranking: Ranking): Curve {
  const steps = ranking.values.length;
  const x = new Float64Array(steps + 1);
  const y = new Float64Array(steps + 1);
  const threshold = new Float64Array(steps + 1);
  threshold[0] = Infinity;
  for (let step = 0; step < steps; step++) {
    x[step + 1] = ranking.oodAtLeast[step]! / ranking.oodCount;
    y[step + 1] = ranking.idAtLeast[step]! / ranking.idCount;
    threshold[step + 1] = ranking.values[step]!;
  }
  return { x, y, threshold };
}

/**
 * Precision-recall curve, ID positive: x = recall (share of ID accepted), y = precision (share of the
 * accepted that are ID); one point per distinct score, largest score first. No point is invented at recall 0.
 */
export function precisionRecallCurve(ranking: Ranking): Curve {
  const { values, idAtLeast, oodAtLeast, idCount } = ranking;
  return {
    x: idAtLeast.map((count) => count / idCount),
    y: idAtLeast.map((count, step) => count / (count + oodAtLeast[step]!)),
    threshold: values.slice(),
  };
}

/**
 * The same curve with fewer points: none of those left out lies further than `tolerance` from the line
 * through those kept (Ramer 1972, Douglas & Peucker 1973). First and last points stay.
 * @param tolerance in the units of the axes; 0.001 cannot be seen at chart size
 */
export function decimateCurve(curve: Curve, tolerance = 0.001): Curve {
  const { x, y } = curve;
  const keep = new Uint8Array(x.length);
  keep[0] = 1;
  keep[x.length - 1] = 1;
  const open: [number, number][] = [[0, x.length - 1]];
  for (let segment = open.pop(); segment; segment = open.pop()) {
    const [from, to] = segment;
    let furthest = from;
    let distance = tolerance;
    for (let i = from + 1; i < to; i++) {
      const d = distanceToSegment(x[i]!, y[i]!, x[from]!, y[from]!, x[to]!, y[to]!);
      if (d > distance) {
        distance = d;
        furthest = i;
      }
    }
    if (furthest === from) continue;
    keep[furthest] = 1;
    open.push([from, furthest], [furthest, to]);
  }
  const kept = (values: Float64Array): Float64Array => values.filter((_, i) => keep[i] === 1);
  return { x: kept(x), y: kept(y), threshold: kept(curve.threshold) };
}

/** Distance of (px, py) to the segment (ax, ay)-(bx, by). */
function distanceToSegment(
  px: number,
  py: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): number {
  const dx = bx - ax;
  const dy = by - ay;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((px - ax) * dx + (py - ay) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}
