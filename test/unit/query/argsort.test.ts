import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argsort } from '../../../src/core/query/argsort.ts';

/** The definition: a stable comparison sort, NaN last. */
const expected = (keys: readonly number[]): number[] =>
  keys
    .map((key, i) => ({ key, i }))
    .sort((a, b) => {
      if (Number.isNaN(a.key) || Number.isNaN(b.key))
        return Number(Number.isNaN(a.key)) - Number(Number.isNaN(b.key)) || a.i - b.i;
      return a.key < b.key ? -1 : a.key > b.key ? 1 : a.i - b.i;
    })
    .map(({ i }) => i);

describe('argsort', () => {
  it('orders any doubles as a stable comparison sort does', () => {
    const special = fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324, 1, 1);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double(), special)), (keys) => {
        expect([...argsort(Float64Array.from(keys))]).toEqual(expected(keys));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the order of equal keys over many buckets', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 13);
    expect([...argsort(Float64Array.from(keys))]).toEqual(expected(keys));
  });
});
