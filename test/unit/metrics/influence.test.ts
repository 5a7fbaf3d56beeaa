/** Intervals by influence functions against the bootstrap and against DeLong's formula. */
import { describe, expect, it } from 'vitest';
import { bootstrapSets } from '../../../src/core/metrics/bootstrap.ts';
import {
  influenceMean,
  influencePaired,
  influenceSets,
} from '../../../src/core/metrics/influence.ts';
import { pairedBootstrap } from '../../../src/core/metrics/paired-bootstrap.ts';
import { Random } from '../../../src/core/random.ts';

const random = new Random(3, 0);
const normal = (n: number, mean: number, std = 1): Float64Array => Float64Array.from({ length: n }, () => mean + std * random.normal()); // prettier-ignore
const id = normal(4000, 2);
const ood = [normal(3000, 0), normal(2000, 1, 1.5)];
/** The same images under a model that is a little better. */
const better = { id: id.map((s) => s + 0.3 + 0.5 * random.normal()), ood: ood.map((set) => set.map((s) => s + 0.5 * random.normal())) }; // prettier-ignore
const bootstrap = { samples: 2000, seed: 5 };
const width = ({ low, high }: { low: number; high: number }): number => high - low;

describe('intervals by influence functions', () => {
  it('are as wide as those of the bootstrap, per set and for the mean', () => {
    const [a, b] = [influenceSets(id, ood), bootstrapSets(id, ood, bootstrap)];
    for (const metric of ['fpr95', 'auroc'] as const)
      for (const [one, other] of [
        ...a.perSet.map((set, i) => [set, b.perSet[i]!] as const),
        [a.mean, b.mean] as const,
      ]) {
        // prettier-ignore
        expect(one[metric].value).toBeCloseTo(other[metric].value, 12);
        // The bootstrap's own width varies by about 5% with so many resamples.
        expect(width(one[metric]) / width(other[metric])).toBeGreaterThan(0.85);
        expect(width(one[metric]) / width(other[metric])).toBeLessThan(1.15);
      }
  });

  it('are as wide as those of the paired bootstrap', () => {
    const a = influencePaired({ id, ood }, better);
    const b = pairedBootstrap({ idA: id, idB: better.id, oodA: ood, oodB: better.ood, ...bootstrap }); // prettier-ignore
    for (const metric of ['fpr95', 'auroc'] as const) {
      expect(a.mean[metric].value).toBeCloseTo(b.mean[metric].value, 12);
      expect(width(a.mean[metric]) / width(b.mean[metric])).toBeGreaterThan(0.85);
      expect(width(a.mean[metric]) / width(b.mean[metric])).toBeLessThan(1.15);
    }
  });

  it('have no width between a model and itself', () => {
    expect(influencePaired({ id, ood }, { id, ood }).mean.fpr95).toEqual({ value: 0, low: 0, high: 0 }); // prettier-ignore
  });

  it('of a mean are those of the normal distribution', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i < 80 ? 1 : 0));
    const half = 1.959963984540054 * Math.sqrt((0.8 * 0.2) / 100);
    const { low, high, value } = influenceMean(values);
    expect(value).toBeCloseTo(0.8, 12);
    expect([low, high].map((end) => end.toFixed(9))).toEqual([0.8 - half, 0.8 + half].map((end) => end.toFixed(9))); // prettier-ignore
  });
});
