import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenInRow, isWithin } from '../../../../src/renderer/ui/grid/row-selection.ts';
import { IndexRanges } from '../../../../src/renderer/ui/grid/index-ranges.ts';

const indexes = fc.array(fc.nat(40), { maxLength: 30 });
const sorted = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);

describe('a selection of positions', () => {
  // A Set is the definition; ranges are only a smaller way to hold it.
  it('behaves as a set of numbers does', () => {
    fc.assert(
      fc.property(indexes, indexes, fc.nat(40), (one, other, index) => {
        const a = IndexRanges.from(one);
        const b = IndexRanges.from(other);
        const set = new Set(one);
        expect([...a]).toEqual(sorted(one));
        expect(a.count).toBe(set.size);
        expect(a.has(index)).toBe(set.has(index));
        expect([...a.with(b)]).toEqual(sorted([...one, ...other]));
        expect([...a.without(b)]).toEqual(sorted(one.filter((value) => !other.includes(value))));
        expect([...a.toggled(index)]).toEqual(
          sorted(set.has(index) ? one.filter((value) => value !== index) : [...one, index]),
        );
      }),
    );
  });

  it('keeps its ranges apart and in order', () => {
    fc.assert(
      fc.property(indexes, indexes, (one, other) => {
        const { ranges } = IndexRanges.from(one).with(IndexRanges.from(other));
        for (const [at, [first, last]] of ranges.entries()) {
          expect(first).toBeLessThanOrEqual(last);
          if (at > 0) expect(first).toBeGreaterThan(ranges[at - 1]![1] + 1);
        }
      }),
    );
  });

  it('takes a range from either end, and a million images as one range', () => {
    expect([...IndexRanges.of(5, 3)]).toEqual([3, 4, 5]);
    expect(IndexRanges.of(0, 999_999).ranges).toHaveLength(1);
    expect(IndexRanges.of(0, 999_999).without(IndexRanges.of(5)).count).toBe(999_999);
  });
});

describe('the selected part of a row', () => {
  it('holds the columns whose images are selected', () => {
    fc.assert(
      fc.property(indexes, fc.nat(6), (chosen, row) => {
        const selected = IndexRanges.from(chosen);
        const text = chosenInRow(selected, row * 7, 7);
        for (let column = 0; column < 7; column++)
          expect(isWithin(text, column)).toBe(chosen.includes(row * 7 + column));
      }),
    );
  });
});
