import { expect, test } from 'vitest';
import type { Distribution, ScoreOverview } from '../../../src/contract/scores.ts';
import {
  bandwidthOf,
  histogram,
  sharedBins,
  smooth,
} from '../../../src/renderer/charts/density.ts';
import { ratesAt, thresholdKeeping } from '../../../src/renderer/features/scores/rates.ts';

const set = (role: 'id' | 'ood', sorted: number[], correctFrom: number[] | null): Distribution => ({
  datasetId: role,
  name: role,
  role,
  nearFar: null,
  sorted: Float64Array.from(sorted),
  correctFrom: correctFrom && Uint32Array.from(correctFrom),
  mean: 0,
  std: 0,
});

// ID scores 1 2 3 4, of which 2 and 4 are classified correctly; OOD scores 0 2.
const overview = {
  distributions: [set('id', [1, 2, 3, 4], [2, 2, 1, 1]), set('ood', [0, 2], null)],
  validation: set('id', [0, 5], null),
} as unknown as ScoreOverview;

test('a threshold keeps what lies on it', () => {
  const rates = ratesAt(overview, 2)!;
  expect(rates.id).toMatchObject({ kept: 3, rate: 0.75, n: 4 });
  expect(rates.ood[0]).toMatchObject({ kept: 1, rate: 0.5, n: 2 });
  expect(rates.coverage).toBe(4 / 6);
  expect(rates.keptAccuracy).toBe(2 / 3);
  expect(rates.validation).toBe(0.5);
});

test('a threshold above everything keeps nothing and claims no accuracy', () => {
  const rates = ratesAt(overview, 9)!;
  expect(rates.id.kept).toBe(0);
  expect(rates.keptAccuracy).toBeNull();
  expect(rates.coverage).toBe(0);
});

test('the threshold for a share is the k-th largest score, k = ceil(share n)', () => {
  const sorted = Float64Array.from({ length: 100 }, (_, i) => i);
  expect(thresholdKeeping(sorted, 0.95)).toBe(5);
  expect(thresholdKeeping(sorted, 1)).toBe(0);
  expect(thresholdKeeping(sorted, 0.001)).toBe(99);
  expect(thresholdKeeping(new Float64Array(0), 0.95)).toBeNull();
});

test('histogram: numpy.histogram([1,2,2,3,9], bins=4, density=True)', () => {
  const bins = sharedBins([Float64Array.from([1, 2, 2, 3, 9])], 4);
  expect(bins).toEqual({ from: 1, to: 9, count: 4 });
  expect([...histogram(Float64Array.from([1, 2, 2, 3, 9]), bins)]).toEqual([0.3, 0.1, 0, 0.1]);
});

test('one value alone still gets bins, and its density has area 1', () => {
  const one = Float64Array.of(7);
  const bins = sharedBins([one], 10);
  const area = histogram(one, bins).reduce((sum, density) => sum + density * 0.1, 0);
  expect(area).toBeCloseTo(1, 12);
});

test('smoothing leaves a flat density flat', () => {
  const bins = { from: 0, to: 10, count: 10 };
  const flat = new Float64Array(10).fill(0.1);
  for (const value of smooth(flat, bins, 2)) expect(value).toBeCloseTo(0.1, 12);
});

test("bandwidth: Silverman's rule for 1 to 9", () => {
  // σ = 2.7386, IQR / 1.34 = 4 / 1.34 = 2.9851, n = 9: 0.9 · 2.7386 · 9^(-0.2)
  const sorted = Float64Array.from({ length: 9 }, (_, i) => i + 1);
  expect(bandwidthOf(sorted, { from: 1, to: 9, count: 100 })).toBeCloseTo(1.5882, 3);
});
