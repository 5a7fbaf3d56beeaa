/** Points inside a freehand outline. */

/** Even-odd rule. @param outline x0, y0, x1, y1, ... */
export function insideOutline(x: number, y: number, outline: readonly number[]): boolean {
  let inside = false;
  const corners = outline.length / 2;
  for (let i = 0, j = corners - 1; i < corners; j = i++) {
    const yi = outline[2 * i + 1]!;
    const yj = outline[2 * j + 1]!;
    if (yi > y === yj > y) continue;
    const crossing = outline[2 * i]! + ((y - yi) / (yj - yi)) * (outline[2 * j]! - outline[2 * i]!);
    if (x < crossing) inside = !inside;
  }
  return inside;
}

/**
 * Indexes of the points within an outline.
 * @param points `[n, 2]`
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
  const found: number[] = [];
  for (let i = 0; i < points.length / 2; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    if (x < left || x > right || y < top || y > bottom) continue;
    if (insideOutline(x, y, outline)) found.push(i);
  }
  return found;
}
