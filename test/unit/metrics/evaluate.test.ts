import { describe, expect, it } from 'vitest';
import { evaluateSets } from '../../../src/core/metrics/evaluate.ts';

const id = Array.from({ length: 20 }, (_, i) => i + 1);
const far = Array.from({ length: 10 }, (_, i) => i - 20);
const near = Array.from({ length: 10 }, (_, i) => i + 0.5);
const minus = (scores: readonly number[]) => scores.map((score) => -score);
const bootstrap = { seed: 1, samples: 100 };

describe('evaluateSets', () => {
  it('fills every column of the audit from its definition', () => {
    const { perSet, average, averageIntervals } = evaluateSets({
      id,
      ood: [
        { name: 'far', scores: far, energies: minus(far) },
        { name: 'near', scores: near, energies: minus(near) },
      ],
      threshold: 9,
      bootstrap,
    });
    expect(perSet[0]).toMatchObject({
      dataset: 'far',
      n: 10,
      fpr95: { value: 0, low: 0, high: 0 },
      fpr95OodPositive: 0,
      auroc: { value: 1, low: 1, high: 1 },
      detectionError: 0,
      acceptedAtThreshold: 0,
      meanEnergy: 15.5,
    });
    expect(perSet[0]!.stdEnergy).toBeCloseTo(Math.sqrt(99 / 12), 12);
    // By hand: δ = 2 keeps 19 of 20; 2.5 to 9.5 are accepted; 9.5 alone at threshold 9.
    expect(perSet[1]).toMatchObject({ fpr95OodPositive: 0.45, acceptedAtThreshold: 0.1 });
    expect(perSet[1]!.fpr95.value).toBe(0.8);
    // Pairs with ID above OOD: for OOD i + 0.5 there are 20 - i larger ID scores.
    expect(perSet[1]!.auroc.value).toBe((20 * 10 - 45) / 200);
    expect(average.fpr95).toBeCloseTo(0.4, 14);
    expect(average.auprIn).toBeCloseTo((1 + perSet[1]!.auprIn) / 2, 14);
    expect(averageIntervals.fpr95.low).toBeLessThan(0.4);
    expect(averageIntervals.fpr95.high).toBeGreaterThan(0.4);
  });

  it('refuses no sets, an empty set, NaN energies and a NaN threshold', () => {
    const run =
      (scores: number[], energies: number[], threshold = 0) =>
      () =>
        evaluateSets({ id, ood: [{ name: 'scenes', scores, energies }], threshold, bootstrap });
    expect(() => evaluateSets({ id, ood: [], threshold: 0, bootstrap })).toThrow(/OOD sets/);
    expect(run([], [])).toThrow(/OOD scores: there are none/);
    expect(run([1], [NaN])).toThrow(/Energies of scenes/);
    expect(run([1], [1], NaN)).toThrow(/Threshold/);
  });
});
