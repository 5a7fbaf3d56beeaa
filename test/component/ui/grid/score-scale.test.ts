import { describe, expect, it } from 'vitest';
import { indexAtShare, scoreScale, shareOf } from '../../../../src/renderer/ui/grid/score-scale.ts';

describe('the scale beside the grid', () => {
  const ascending = Float64Array.of(0, 1, 1, 2, 10);

  it('counts images per stretch of score, whichever way the list is sorted', () => {
    // Five stretches of width 2: 0-2 holds 0, 1, 1; 2-4 holds 2; the last holds 10.
    expect([...scoreScale(ascending, 5)!.bins]).toEqual([1, 1 / 3, 0, 0, 1 / 3]);
    // From the top: 10-8 holds 10, 2-0 holds 1, 1, 0 and 2, which is where that stretch begins.
    expect([...scoreScale(ascending.toReversed(), 5)!.bins]).toEqual([1 / 4, 0, 0, 0, 1]);
  });

  it('jumps to the first image at or beyond a score', () => {
    const scale = scoreScale(ascending, 5)!;
    expect(indexAtShare(ascending, scale, 0)).toBe(0);
    expect(indexAtShare(ascending, scale, 0.1)).toBe(1);
    expect(indexAtShare(ascending, scale, 0.5)).toBe(4);
    expect(indexAtShare(ascending, scale, 1)).toBe(4);
    const descending = ascending.toReversed();
    expect(indexAtShare(descending, scoreScale(descending, 5)!, 0.85)).toBe(2);
  });

  it('puts a score where a jump to it leads', () => {
    const scale = scoreScale(ascending, 5)!;
    for (const score of ascending)
      expect(ascending[indexAtShare(ascending, scale, shareOf(scale, score))]).toBe(score);
  });

  it('steps back where scores are in no order, or all the same, or none', () => {
    expect(scoreScale(Float64Array.of(1, 3, 2), 5)).toBeNull();
    expect(scoreScale(Float64Array.of(2, 2, 2), 5)).toBeNull();
    expect(scoreScale(Float64Array.of(Number.NaN, Number.NaN), 5)).toBeNull();
  });

  it('leaves images without a score at the end', () => {
    const scores = Float64Array.of(0, 4, Number.NaN);
    const scale = scoreScale(scores, 2)!;
    expect(scale.bottom).toBe(4);
    expect(indexAtShare(scores, scale, 1)).toBe(1);
  });
});
