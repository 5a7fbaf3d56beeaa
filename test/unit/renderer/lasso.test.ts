import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { pointsInside } from '../../../src/renderer/charts/lasso.ts';

test('a lasso holds the points inside a square and leaves out a notch', () => {
  const points = Float32Array.of(1, 1, 5, 5, 9, 1, 20, 20);
  expect(pointsInside(points, [0, 0, 10, 0, 10, 10, 0, 10])).toEqual([0, 1, 2]);
  // A notch that goes down from the top to (5, 4).
  expect(pointsInside(points, [0, 0, 10, 0, 10, 10, 5, 4, 0, 10])).toEqual([0, 2]);
});

/** The even-odd rule as it is defined: how many edges a ray to the right crosses. */
function crossings(x: number, y: number, outline: readonly number[]): number {
  let count = 0;
  const corners = outline.length / 2;
  for (let i = 0, j = corners - 1; i < corners; j = i++) {
    const [xi, yi, xj, yj] = [outline[2 * i]!, outline[2 * i + 1]!, outline[2 * j]!, outline[2 * j + 1]!]; // prettier-ignore
    if (yi > y !== yj > y && x < xi + ((y - yi) / (yj - yi)) * (xj - xi)) count++;
  }
  return count;
}

test('an outline that crosses itself many times holds what the even-odd rule says', () => {
  const random = new Random(7);
  const points = Float32Array.from({ length: 4000 }, () => random.uniform() * 12 - 1);
  const outline = Array.from({ length: 120 }, () => random.uniform() * 10);
  const expected = Array.from({ length: 2000 }, (_, i) => i).filter(
    (i) => crossings(points[2 * i]!, points[2 * i + 1]!, outline) % 2 === 1,
  );
  expect(expected.length).toBeGreaterThan(100);
  expect(pointsInside(points, outline)).toEqual(expected);
});
