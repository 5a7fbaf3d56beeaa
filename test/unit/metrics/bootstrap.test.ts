import { describe, expect, it } from 'vitest';
import { auroc } from '../../../src/core/metrics/auroc.ts';
import {
  bootstrapAccuracy,
  bootstrapOod,
  bootstrapSets,
} from '../../../src/core/metrics/bootstrap.ts';
import { fprAtTpr } from '../../../src/core/metrics/fpr.ts';
import { pairedAccuracy, pairedBootstrap } from '../../../src/core/metrics/paired-bootstrap.ts';
import { quantile } from '../../../src/core/metrics/percentile.ts';
import {
  drawIndices,
  idStream,
  oodStream,
  resampleOod,
} from '../../../src/core/metrics/resample.ts';
import { Random } from '../../../src/core/random.ts';

const normals = (random: Random, n: number, mean: number): Float64Array =>
  Float64Array.from({ length: n }, () => random.normal() + mean);

/** Standard normal distribution function, Abramowitz & Stegun 26.2.17 (error below 7.5e-8). */
function phi(z: number): number {
  if (z < 0) return 1 - phi(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}

describe('resampling', () => {
  it('gives on every resample exactly the metrics of the resampled scores', () => {
    const random = new Random(1);
    const round = (scores: Float64Array) => scores.map((s) => Math.round(s * 5) / 5);
    const id = round(normals(random, 57, 1));
    const ood = [round(normals(random, 31, 0)), round(normals(random, 40, 0.5))];
    const { fpr95, auroc: areas } = resampleOod([{ id, ood }], { seed: 9, samples: 100 });

    const idRandom = idStream(9);
    const oodRandoms = ood.map((_, set) => oodStream(9, set));
    for (let sample = 0; sample < 100; sample++) {
      const take = (scores: Float64Array, stream: Random) => {
        const draw = new Int32Array(scores.length);
        drawIndices(stream, draw);
        return Float64Array.from(draw, (i) => scores[i]!);
      };
      const idSample = take(id, idRandom);
      ood.forEach((set, s) => {
        const oodSample = take(set, oodRandoms[s]!);
        expect(fpr95[0]![s]![sample]).toBe(fprAtTpr(idSample, oodSample));
        expect(areas[0]![s]![sample]).toBe(auroc(idSample, oodSample));
      });
    }
  });

  it('draws every index about equally often', () => {
    const counts = new Float64Array(7);
    const draw = new Int32Array(7);
    const random = new Random(3);
    for (let i = 0; i < 10_000; i++) {
      drawIndices(random, draw);
      for (const index of draw) counts[index]!++;
    }
    // Binomial with mean 10,000 and deviation 93: five deviations.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(465);
  });

  it('quantiles are numpy.percentile: [15, 20, 35, 40, 50] at 40% is 29', () => {
    expect(quantile(Float64Array.of(15, 20, 35, 40, 50), 0.4)).toBeCloseTo(29, 12);
    expect(quantile(Float64Array.of(1, 2), 1)).toBe(2);
    expect(quantile(Float64Array.of(7), 0.025)).toBe(7);
  });
});

describe('bootstrapOod', () => {
  it('covers the true AUROC Φ(d/√2) and FPR95 of two normals about 95 times in 100', () => {
    const random = new Random(11);
    const distance = 1.5;
    const trueAuroc = phi(distance / Math.SQRT2);
    const trueFpr95 = 1 - phi(distance - 1.6448536);
    const trials = 200;
    let aurocCovered = 0;
    let fprCovered = 0;
    for (let seed = 0; seed < trials; seed++) {
      const estimate = bootstrapOod(normals(random, 400, distance), normals(random, 200, 0), {
        seed,
        samples: 200,
      });
      if (estimate.auroc.low <= trueAuroc && trueAuroc <= estimate.auroc.high) aurocCovered++;
      if (estimate.fpr95.low <= trueFpr95 && trueFpr95 <= estimate.fpr95.high) fprCovered++;
    }
    // Binomial(200, 0.95) lies within 180 to 199 with probability above 0.998.
    for (const covered of [aurocCovered, fprCovered]) {
      expect(covered).toBeGreaterThanOrEqual(180);
      expect(covered).toBeLessThanOrEqual(199);
    }
  });

  it('has the width of the Hanley-McNeil standard error', () => {
    const random = new Random(12);
    const estimate = bootstrapOod(normals(random, 2000, 1), normals(random, 1000, 0), { seed: 1 });
    const a = phi(1 / Math.SQRT2);
    const q1 = a / (2 - a);
    const q2 = (2 * a * a) / (1 + a);
    const variance = (a * (1 - a) + 1999 * (q1 - a * a) + 999 * (q2 - a * a)) / (2000 * 1000);
    const width = 2 * 1.96 * Math.sqrt(variance);
    expect((estimate.auroc.high - estimate.auroc.low) / width).toBeGreaterThan(0.85);
    expect((estimate.auroc.high - estimate.auroc.low) / width).toBeLessThan(1.15);
  });

  it('same seed, same interval; the value is that of the data', () => {
    const random = new Random(13);
    const id = normals(random, 200, 1);
    const ood = normals(random, 100, 0);
    const estimate = bootstrapOod(id, ood, { seed: 5 });
    expect(bootstrapOod(id, ood, { seed: 5 })).toEqual(estimate);
    expect(bootstrapOod(id, ood, { seed: 6 })).not.toEqual(estimate);
    expect(estimate.fpr95.value).toBe(fprAtTpr(id, ood));
    expect(estimate.auroc.value).toBe(auroc(id, ood));
  });

  it('a set has the same interval whatever sets stand after it, and means are means', () => {
    const random = new Random(14);
    const id = normals(random, 200, 1);
    const sets = [normals(random, 100, 0), normals(random, 60, 0.5)];
    const { perSet, mean } = bootstrapSets(id, sets, { seed: 5 });
    expect(perSet[0]).toEqual(bootstrapOod(id, sets[0]!, { seed: 5 }));
    expect(mean.auroc.value).toBeCloseTo((auroc(id, sets[0]!) + auroc(id, sets[1]!)) / 2, 14);
  });

  it('refuses too few resamples, empty sides, NaN and no sets', () => {
    expect(() => bootstrapOod([1], [0], { seed: 1, samples: 20 })).toThrow(/at least 100/);
    expect(() => bootstrapOod([], [0], { seed: 1 })).toThrow(/ID scores: there are none/);
    expect(() => bootstrapOod([1], [NaN], { seed: 1 })).toThrow(/not a number/);
    expect(() => bootstrapSets([1], [], { seed: 1 })).toThrow(/OOD sets: there are none/);
    expect(() => bootstrapAccuracy([], { seed: 1 })).toThrow(/there are none/);
  });

  it('accuracy has the binomial interval', () => {
    const correct = Array.from({ length: 1000 }, (_, i) => i % 10 !== 0);
    const { value, low, high } = bootstrapAccuracy(correct, { seed: 2 });
    expect(value).toBe(0.9);
    // 1.96 sqrt(0.9 * 0.1 / 1000) = 0.0186
    expect(value - low).toBeGreaterThan(0.015);
    expect(value - low).toBeLessThan(0.022);
    expect(high - value).toBeGreaterThan(0.015);
    expect(high - value).toBeLessThan(0.022);
  });
});

describe('pairedBootstrap', () => {
  it('identical scores differ by exactly 0', () => {
    const random = new Random(21);
    const id = normals(random, 100, 1);
    const ood = [normals(random, 50, 0), normals(random, 70, 0)];
    const { perSet, mean } = pairedBootstrap({ idA: id, idB: id, oodA: ood, oodB: ood, seed: 1 });
    const zero = { value: 0, low: 0, high: 0 };
    for (const estimate of [...perSet, mean])
      expect(estimate).toEqual({ fpr95: zero, auroc: zero });
  });

  it('equal models with their own noise: the interval holds 0 about 95 times in 100 or more', () => {
    const random = new Random(22);
    let covered = 0;
    for (let seed = 0; seed < 100; seed++) {
      const two = (n: number, mean: number) => {
        const shared = normals(random, n, mean);
        const noise = () => shared.map((s) => s + 0.7 * random.normal());
        return [noise(), noise()] as const;
      };
      const id = two(300, 1.5);
      const ood = [two(150, 0), two(150, 0.3)];
      const { mean } = pairedBootstrap({
        idA: id[0],
        idB: id[1],
        oodA: ood.map(([a]) => a),
        oodB: ood.map(([, b]) => b),
        seed,
        samples: 200,
      });
      if (mean.fpr95.low <= 0 && mean.fpr95.high >= 0) covered++;
    }
    // Binomial(100, 0.95) is at least 88 with probability above 0.998.
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  it('pairing cancels what is hard for both: narrower than two separate intervals', () => {
    const random = new Random(23);
    const id = normals(random, 500, 1.5);
    const ood = normals(random, 300, 0);
    const nudged = (scores: Float64Array) => scores.map((s) => s + 0.05 * random.normal());
    const a = { id: nudged(id), ood: nudged(ood) };
    const b = { id: nudged(id), ood: nudged(ood) };
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const { mean } = pairedBootstrap({
      idA: a.id,
      idB: b.id,
      oodA: [a.ood],
      oodB: [b.ood],
      seed: 1,
    });
    expect(width(mean.auroc)).toBeLessThan(width(bootstrapOod(a.id, a.ood, { seed: 1 }).auroc) / 3);
  });

  it('a clear gain is found, with the sign A - B', () => {
    const random = new Random(24);
    const id = normals(random, 500, 2);
    const better = normals(random, 300, -1);
    const worse = better.map((s) => s + 1);
    const { perSet, mean } = pairedBootstrap({
      idA: id,
      idB: id,
      oodA: [better],
      oodB: [worse],
      seed: 1,
    });
    expect(mean.fpr95.value).toBe(fprAtTpr(id, better) - fprAtTpr(id, worse));
    expect(mean.fpr95.high).toBeLessThan(0);
    expect(perSet[0]!.auroc.low).toBeGreaterThan(0);
  });

  it('refuses columns that are not the same images', () => {
    const run = (idB: number[], oodB: number[][]) => () =>
      pairedBootstrap({ idA: [1, 2], idB, oodA: [[0]], oodB, seed: 1 });
    expect(run([1], [[0]])).toThrow(/2 values and those of the second has 1/);
    expect(run([1, 2], [[0, 1]])).toThrow(/OOD set 1/);
    expect(run([1, 2], [])).toThrow(/1 OOD sets for one model and 0/);
  });

  it('accuracy: discordant images alone make the difference', () => {
    const a = Array.from({ length: 400 }, (_, i) => i >= 20);
    const b = Array.from({ length: 400 }, () => true);
    const { value, low, high } = pairedAccuracy(a, b, { seed: 1 });
    expect(value).toBeCloseTo(-0.05, 14);
    expect(high).toBeLessThan(0);
    expect(low).toBeGreaterThan(-0.08);
    expect(pairedAccuracy(b, b, { seed: 1 })).toEqual({ value: 0, low: 0, high: 0 });
    expect(() => pairedAccuracy([], [], { seed: 1 })).toThrow(/no test images/);
  });
});
