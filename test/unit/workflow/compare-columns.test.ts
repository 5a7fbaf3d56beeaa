import { describe, expect, it } from 'vitest';
import { rankScores } from '../../../src/core/metrics/ranking.ts';
import { precisionRecallCurve, rocCurve, type Curve } from '../../../src/core/metrics/curves.ts';
import { Random } from '../../../src/core/random.ts';
import { CURVE_POINTS, thinned } from '../../../src/core/workflow/compare-columns.ts';
import { spread } from '../../../src/core/workflow/compare-models.ts';

const random = new Random(5);
const normal = (n: number, mean: number): Float64Array =>
  Float64Array.from({ length: n }, () => mean + random.normal());
const ranking = rankScores(normal(40_000, 1), normal(40_000, 0));

/** Height of the line through the points, at x. */
function heightAt({ x, y }: Curve, at: number): number {
  const right = x.findIndex((value) => value >= at);
  if (right <= 0) return y[0]!;
  const share = (at - x[right - 1]!) / (x[right]! - x[right - 1]! || 1);
  return y[right - 1]! + share * (y[right]! - y[right - 1]!);
}

describe('thinned curves', () => {
  it.each([
    ['ROC', rocCurve(ranking)],
    ['precision-recall', precisionRecallCurve(ranking)],
  ])('%s: at most 2,000 of 80,000 points, and the same shape', (_name, curve) => {
    const few = thinned(curve);
    expect(curve.x.length).toBeGreaterThan(79_000);
    expect(few.x.length).toBeLessThanOrEqual(CURVE_POINTS);
    expect([few.x[0], few.y[0], few.x.at(-1), few.y.at(-1)]).toEqual([curve.x[0], curve.y[0], curve.x.at(-1), curve.y.at(-1)]); // prettier-ignore
    // Left of 1% recall single images move the precision by much; a chart cannot show that either.
    for (let at = 0.01; at <= 1; at += 0.01)
      expect(Math.abs(heightAt(few, at) - heightAt(curve, at))).toBeLessThan(0.002);
  });

  it('of few points stay as they are', () => {
    const small = rocCurve(rankScores([3, 2], [1]));
    expect(thinned(small)).toBe(small);
  });
});

describe('the spread over seeds', () => {
  it('is the sample standard deviation', () => {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, divided by 7.
    expect(spread([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, std: Math.sqrt(32 / 7) });
  });
});
