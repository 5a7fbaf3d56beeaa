import { describe, expect, it } from 'vitest';
import { architectureFor, suitesFor } from '../../../bench/engine/cases.ts';
import { median } from '../../../bench/engine/measure.ts';
import { compare, studyTable, type Outcome } from '../../../bench/precision/compare.ts';

describe('the engine benchmark', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])('takes the median of %j', (values, expected) => expect(median(values)).toBe(expected));

  it('measures WRN-40-2 at batch 128 in both precisions and modes, with 1 and 2 threads', () => {
    const { cases } = suitesFor([1, 2]).find(({ name }) => name === 'main')!;
    const told = cases.map((c) => `${c.mode} ${c.precision} ${c.threads}`);
    expect(new Set(told).size).toBe(8);
    for (const what of cases) {
      expect(what).toMatchObject({ network: 'wrn-40-2', batch: 128, size: 32 });
      expect(architectureFor(what)).toMatchObject({ depth: 40, width: 2 });
    }
  });

  it('trains no batch of one image', () => {
    for (const { cases } of suitesFor([1]))
      for (const { mode, batch } of cases) expect(mode === 'train' && batch === 1).toBe(false);
  });
});

describe('the precision study', () => {
  const run = (
    precision: 'fp32' | 'bf16',
    seed: number,
    accuracy: number,
    fpr: number,
  ): Outcome => ({
    precision,
    seed,
    accuracy,
    fpr95: { near: fpr - 0.1, far: fpr + 0.1 },
    seconds: 1,
    cpuSeconds: 1,
  });
  const fp32 = [run('fp32', 1, 0.7, 0.5), run('fp32', 2, 0.71, 0.52), run('fp32', 3, 0.72, 0.54)];

  it('accepts bf16 within 0.3 points of accuracy and within the range of FPR95 over seeds', () => {
    const bf16 = [
      run('bf16', 1, 0.708, 0.55),
      run('bf16', 2, 0.708, 0.55),
      run('bf16', 3, 0.708, 0.55),
    ];
    const text = compare([...fp32, ...bf16]);
    expect(text).toContain('-0.20 points; within 0.3: holds');
    expect(text).toContain('3.00 points; within the range of fp32 over its seeds (4.00): holds');
  });

  it('says which condition does not hold', () => {
    const bf16 = [run('bf16', 1, 0.7, 0.57), run('bf16', 2, 0.7, 0.57), run('bf16', 3, 0.7, 0.57)];
    const text = compare([...fp32, ...bf16]);
    expect(text).toContain('-1.00 points; within 0.3: does not hold');
    expect(text).toContain(
      '5.00 points; within the range of fp32 over its seeds (4.00): does not hold',
    );
  });

  it('tabulates mean and sample standard deviation', () => {
    const table = studyTable([...fp32, ...fp32.map((o) => ({ ...o, precision: 'bf16' as const }))]);
    expect(table).toContain('| fp32 | mean ± std | 71.00 ± 1.00 | 52.00 ± 2.00 |');
  });
});
