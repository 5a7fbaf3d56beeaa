import { describe, expect, it } from 'vitest';
import { featureStatistics } from '../../../src/core/score/sparsity.ts';
import type { Features } from '../../../src/core/score/types.ts';

const features = (...rows: number[][]): Features => ({
  data: Float32Array.from(rows.flat()),
  count: rows.length,
  units: rows[0]!.length,
});

describe('featureStatistics', () => {
  it('Hoyer sparsity: 1 for one active unit, 0 for equal units, whatever the scale', () => {
    expect(featureStatistics(features([0, 5, 0, 0])).hoyer).toBe(1);
    expect(featureStatistics(features([3, 3, 3, 3])).hoyer).toBe(0);
    expect(featureStatistics(features([0, 5, 0, 0], [3, 3, 3, 3])).hoyer).toBe(0.5);
    // (√4 - 7/5) / (√4 - 1) for (3, 4, 0, 0)
    expect(featureStatistics(features([3, 4, 0, 0])).hoyer).toBeCloseTo(0.6, 12);
    expect(featureStatistics(features([300, 400, 0, 0])).hoyer).toBeCloseTo(0.6, 12);
  });

  it('L1 per image and its mean', () => {
    const { l1, meanL1 } = featureStatistics(features([1, -2], [3, 0.5]));
    expect(Array.from(l1)).toEqual([3, 3.5]);
    expect(meanL1).toBe(3.25);
  });

  it('near-zero units are counted against the largest activation of the whole set', () => {
    // 1e-3 of 1000 is 1: 0.5 and 0 lie below it, 1 itself does not.
    expect(featureStatistics(features([1000, 0.5], [0, 1])).nearZeroUnits).toBe(0.5);
    expect(featureStatistics(features([1, 0.5], [0.25, 1])).nearZeroUnits).toBe(0);
  });

  it('silent images are counted', () => {
    const { silentImages, hoyer, nearZeroUnits, meanL1 } = featureStatistics(
      features([0, 0], [0, 0]),
    );
    expect({ silentImages, hoyer, nearZeroUnits, meanL1 }).toEqual({
      silentImages: 2,
      hoyer: 1,
      nearZeroUnits: 1,
      meanL1: 0,
    });
  });

  it('refuses NaN by row, a wrong shape and a single unit', () => {
    expect(() => featureStatistics(features([1, 2], [NaN, 1]))).toThrow(/row 1 of 2/);
    expect(() => featureStatistics({ data: new Float32Array(3), count: 2, units: 2 })).toThrow(
      /Features: 3 values/,
    );
    expect(() => featureStatistics(features([1], [2]))).toThrow(/at least 2 units/);
  });
});
