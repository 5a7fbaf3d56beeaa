import { expect, test } from 'vitest';
import { pointsInside } from '../../../src/renderer/charts/lasso.ts';

test('a lasso holds the points inside a square and leaves out a notch', () => {
  const points = Float32Array.of(1, 1, 5, 5, 9, 1, 20, 20);
  expect(pointsInside(points, [0, 0, 10, 0, 10, 10, 0, 10])).toEqual([0, 1, 2]);
  // A notch that goes down from the top to (5, 4).
  expect(pointsInside(points, [0, 0, 10, 0, 10, 10, 5, 4, 0, 10])).toEqual([0, 2]);
});
