/** Points inside a freehand outline. */

/** Strips of equal height that the outline's edges are sorted into: a point is held against those of its strip only. */
const STRIPS = 256;

/**
 * Indexes of the points within an outline, by the even-odd rule.
 * @param points `[n, 2]`
 * @param outline x0, y0, x1, y1, ...
 */
export function pointsInside(points: Float32Array, outline: readonly number[]): number[] {
  if (outline.length < 6) return [];
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 0; i < outline.length; i += 2) {
    left = Math.min(left, outline[i]!);
    right = Math.max(right, outline[i]!);
    top = Math.min(top, outline[i + 1]!);
    bottom = Math.max(bottom, outline[i + 1]!);
  }
  if (top === bottom) return [];
  const stripOf = (y: number): number =>
    Math.min(STRIPS - 1, Math.floor(((y - top) / (bottom - top)) * STRIPS));
  // Of each edge x and y of both ends.
  const strips = Array.from({ length: STRIPS }, (): number[] => []);
  const corners = outline.length / 2;
  for (let i = 0, j = corners - 1; i < corners; j = i++) {
    const [xi, yi, xj, yj] = [outline[2 * i]!, outline[2 * i + 1]!, outline[2 * j]!, outline[2 * j + 1]!]; // prettier-ignore
    for (let strip = stripOf(Math.min(yi, yj)); strip <= stripOf(Math.max(yi, yj)); strip++)
      strips[strip]!.push(xi, yi, xj, yj);
  }
  const found: number[] = [];
  for (let i = 0; i < points.length / 2; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    if (x < left || x > right || y < top || y > bottom) continue;
    const edges = strips[stripOf(y)]!;
    let inside = false;
    for (let e = 0; e < edges.length; e += 4) {
      const yi = edges[e + 1]!;
      const yj = edges[e + 3]!;
      if (yi > y === yj > y) continue;
      if (x < edges[e]! + ((y - yi) / (yj - yi)) * (edges[e + 2]! - edges[e]!)) inside = !inside;
    }
    if (inside) found.push(i);
  }
  return found;
}
