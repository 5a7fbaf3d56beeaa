import { expect, test } from 'vitest';
import { gridLayout, indexesWithin, scrollRatio } from '../../../src/renderer/ui/grid-layout.ts';
import { indexOfKey, keyHistogram } from '../../../src/renderer/features/images/score-scale.ts';
import { pointsInside } from '../../../src/renderer/charts/lasso.ts';

test('a row holds as many cells with their gaps as fit', () => {
  // 3 cells of 100 and 2 gaps of 2 are 304.
  expect(gridLayout(10, 304, 100)).toMatchObject({ columns: 3, rows: 4, height: 4 * 102 - 2 });
  expect(gridLayout(10, 303, 100).columns).toBe(2);
  expect(gridLayout(10, 20, 100).columns).toBe(1);
});

test('a million large images are taller than a browser scrolls, and still reach the last row', () => {
  const layout = gridLayout(1_000_000, 800, 256);
  expect(layout.height).toBeGreaterThan(33_554_432);
  expect(layout.scrollHeight).toBeLessThanOrEqual(10_000_000);
  const viewport = 600;
  const atEnd = (layout.scrollHeight - viewport) * scrollRatio(layout, viewport);
  expect(atEnd + viewport).toBeCloseTo(layout.height, 3);
});

test('a box picks the cells it touches, and no cell that is not there', () => {
  const layout = gridLayout(8, 304, 100);
  expect(indexesWithin(layout, 100, 8, [110, 110, 250, 250])).toEqual([4, 5, 7]);
});

test('a score is found by bisection, whichever way the list runs', () => {
  expect(indexOfKey(Float64Array.of(9, 7, 5, 3), 6)).toBe(2);
  expect(indexOfKey(Float64Array.of(1, 3, 5, 7), 4)).toBe(2);
  expect(indexOfKey(Float64Array.of(1, 3), 100)).toBe(1);
});

test('the bars of the scale hold every image once', () => {
  const keys = Float64Array.from({ length: 1000 }, (_, i) => 1000 - i);
  const { heights, from, to } = keyHistogram(keys, 10);
  expect([from, to]).toEqual([1000, 1]);
  expect(heights.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
});

test('a lasso holds the points inside a square and leaves out a notch', () => {
  const points = Float32Array.of(1, 1, 5, 5, 9, 1, 20, 20);
  expect(pointsInside(points, [0, 0, 10, 0, 10, 10, 0, 10])).toEqual([0, 1, 2]);
  // A notch that goes down from the top to (5, 4).
  expect(pointsInside(points, [0, 0, 10, 0, 10, 10, 5, 4, 0, 10])).toEqual([0, 2]);
});
