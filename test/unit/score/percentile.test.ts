import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quantile } from '../../../src/core/metrics/percentile.ts';
import { streamedPercentile } from '../../../src/core/score/percentile.ts';

const inParts = (values: readonly number[], size: number) =>
  // eslint-disable-next-line @typescript-eslint/require-await -- already in memory
  async function* () {
    for (let from = 0; from < values.length; from += size)
      yield Float32Array.from(values.slice(from, from + size));
  };

it("is numpy's on values of both signs", async () => {
  // np.percentile(np.float32([-3.5, 0, 1, 2.5, 1e6, -0.25, 7]), [0, 25, 33, 90, 100])
  const read = inParts([-3.5, 0, 1, 2.5, 1e6, -0.25, 7], 3);
  const expected = [-3.5, -0.125, -0.005, 400_004.2, 1e6];
  for (const [i, percent] of [0, 25, 33, 90, 100].entries())
    expect(await streamedPercentile(read, percent)).toBeCloseTo(expected[i]!, 6);
});

it('is the percentile of the sorted values, whatever they are and however they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      async (values, size, percent) => {
        const expected = quantile(Float64Array.from(values).sort(), percent / 100);
        expect(await streamedPercentile(inParts(values, size), percent)).toBeCloseTo(expected, 3);
      },
    ),
  );
});
