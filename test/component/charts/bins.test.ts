import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { density, histogram, sharedBins } from '../../../src/renderer/charts/bins.ts';

const scores = fc
  .array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 200 })
  .map((values) => Float64Array.from(values).sort());
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('shared bins', () => {
  it('cover every set from its least to its greatest score', () => {
    const bins = sharedBins([Float64Array.of(2, 4), Float64Array.of(-6, 3)], 10);
    expect(bins.edges[0]).toBe(-6);
    expect(bins.edges.at(-1)).toBeCloseTo(4, 12);
    expect(bins.centres).toHaveLength(10);
  });

  it('are drawn also for one value, and for none', () => {
    expect(sharedBins([Float64Array.of(3, 3)]).width).toBeGreaterThan(0);
    expect(sharedBins([]).width).toBeGreaterThan(0);
  });
});

describe('histogram', () => {
  it('has an area of 1, so that sets of different size compare', () => {
    fc.assert(
      fc.property(scores, scores, (one, other) => {
        const bins = sharedBins([one, other], 37);
        expect(sum(histogram(one, bins)) * bins.width).toBeCloseTo(1, 9);
      }),
    );
  });

  it('counts each score once, the greatest in the last bin', () => {
    const bins = sharedBins([Float64Array.of(0, 10)], 5);
    // Bins of width 2: [0,2) holds 0 and 1, [4,6) holds 5, the last holds 9 and 10.
    expect([...histogram(Float64Array.of(0, 1, 5, 9, 10), bins)].map((y) => y * 2 * 5)).toEqual([
      2, 0, 1, 0, 2,
    ]);
  });
});

describe('density', () => {
  it('is the Gaussian kernel estimate with bandwidth 0.9 min(s, IQR/1.34) n^(-1/5)', () => {
    const values = [-1.4, -0.9, -0.2, 0.1, 0.3, 0.8, 1.1, 2.5];
    const mean = sum(values) / 8;
    const s = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / 7);
    // Quartiles by the definition in use: the sorted value at floor(share · n).
    const h = 0.9 * Math.min(s, (values[6]! - values[2]!) / 1.34) * 8 ** -0.2;
    const direct = (x: number): number =>
      sum(values.map((value) => Math.exp(-(((x - value) / h) ** 2) / 2))) /
      (8 * h * Math.sqrt(2 * Math.PI));
    const { x, y } = density(values, { low: -4, high: 5 }, 901);
    for (const at of [200, 355, 430, 512, 700]) expect(y[at]).toBeCloseTo(direct(x[at]!), 4);
  });

  it('is zero for no scores', () => {
    expect(sum(density([], { low: 0, high: 1 }).y)).toBe(0);
  });
});
