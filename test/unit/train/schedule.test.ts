import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { learningRateAt, type Schedule } from '../../../src/core/train/schedule.ts';

const file = path.join(import.meta.dirname, '..', '..', 'fixtures', 'torch', 'schedules.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: {
    kind: string;
    base: number;
    steps: number;
    warmup: number;
    final: number;
    rates: number[];
  }[];
};

describe('learning rate schedules', () => {
  it.each(cases)(
    '$kind over $steps steps from $base as PyTorch computes it',
    ({ kind, base, steps, warmup, final, rates }) => {
      const schedule: Schedule =
        kind === 'one-cycle' ? { kind, warmup } : { kind: 'cosine', final };
      const ours = rates.map((_, step) => learningRateAt(schedule, base, step, steps));
      expect(ours).toHaveLength(steps);
      for (const [step, rate] of ours.entries()) expect(rate).toBeCloseTo(rates[step]!, 12);
    },
  );

  it('constant stays, step multiplies at each share of the run', () => {
    const constant = [0, 5, 9].map((step) => learningRateAt({ kind: 'constant' }, 0.1, step, 10));
    expect(constant).toEqual([0.1, 0.1, 0.1]);
    const steps: Schedule = { kind: 'step', at: [0.5, 0.8], factor: 0.1 };
    const rates = Array.from({ length: 10 }, (_, step) => learningRateAt(steps, 1, step, 10));
    const expected = [1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01];
    for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[i]!, 15);
  });

  it('a step beyond the run is an error', () => {
    expect(() => learningRateAt({ kind: 'constant' }, 0.1, 10, 10)).toThrow(/outside the run/);
  });
});
