import { describe, expect, it } from 'vitest';
import type { ComparedRun } from '../../../src/core/metrics/control-check.ts';
import { accuracyOverSeeds, overSeedsAndImages, pairedOverSeeds, summariseSeeds, type SeedScores } from '../../../src/core/metrics/seeds.ts'; // prettier-ignore
import { student975 } from '../../../src/core/metrics/student.ts';
import { decideVerdict, VERDICT_RULE_OVER_SEEDS, type VerdictInput } from '../../../src/core/metrics/verdict.ts'; // prettier-ignore
import { Random } from '../../../src/core/random.ts';

/** P(T <= t) by Simpson's rule on the density, with t = tan(u) so that the tail is finite. */
function studentBelow(t: number, degrees: number): number {
  const density = (u: number): number => Math.cos(u) ** (degrees - 1);
  const area = (to: number): number => {
    const steps = 2000;
    let sum = density(0) + density(to);
    for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density((to * i) / steps);
    return (sum * to) / steps / 3;
  };
  return 0.5 + area(Math.atan(t / Math.sqrt(degrees))) / area(Math.PI / 2) / 2;
}

describe('student975', () => {
  it('cuts off 2.5% of the density, to the three decimals of the table', () => {
    for (let degrees = 1; degrees <= 30; degrees++) {
      expect(studentBelow(student975(degrees) - 6e-4, degrees)).toBeLessThan(0.975);
      expect(studentBelow(student975(degrees) + 6e-4, degrees)).toBeGreaterThan(0.975);
    }
    expect(student975(1000)).toBe(student975(30));
    expect(() => student975(0)).toThrow(RangeError);
  });
});

describe('summariseSeeds', () => {
  it('is mean, sample standard deviation and the t interval', () => {
    // 2, 4, 6: mean 4, squares 8 / 2 = 4, std 2; t(2) = 4.303.
    const { mean, std, interval } = summariseSeeds([2, 4, 6]);
    expect([mean, std]).toEqual([4, 2]);
    expect(interval!.high).toBeCloseTo(4 + (4.303 * 2) / Math.sqrt(3), 10);
    expect(interval!.low).toBeCloseTo(4 - (4.303 * 2) / Math.sqrt(3), 10);
  });

  it('one seed has no spread', () => {
    expect(summariseSeeds([3])).toEqual({ values: [3], mean: 3, std: null, interval: null });
    expect(() => overSeedsAndImages([3], 0)).toThrow(/no spread/u);
  });
});

/** Scores of `count` seeds on the same images; A is better by `gap` plus what each seed adds. */
function simulate(
  seed: number,
  { count, gap, between }: { count: number; gap: number; between: number },
): SeedScores[] {
  const random = new Random(seed, 5);
  const normals = (n: number, mean: number) =>
    Float64Array.from({ length: n }, () => mean + 0.8 * random.normal());
  const id = normals(200, 2);
  const ood = [0, 0.4].map((mean) => normals(100, mean));
  const under = (images: Float64Array, shift: number) =>
    images.map((image) => image + shift + 0.5 * random.normal());
  return Array.from({ length: count }, () => {
    const shift = gap + between * random.normal();
    return {
      idA: under(id, 0),
      idB: under(id, 0),
      oodA: ood.map((set) => under(set, -shift)),
      oodB: ood.map((set) => under(set, 0)),
    };
  });
}

describe('pairedOverSeeds', () => {
  const options = { seed: 1, samples: 100 };

  it('means the differences of the seeds, and equal models differ by exactly 0', () => {
    const seeds = simulate(1, { count: 3, gap: 0.5, between: 0.1 });
    const { estimates, mean, perSet } = pairedOverSeeds(seeds, options);
    const fpr95 = mean.map((difference) => difference.fpr95);
    expect(estimates.mean.fpr95.value).toBeCloseTo(fpr95.reduce((a, b) => a + b) / 3, 12);
    expect(mean[1]!.auroc).toBeCloseTo((perSet[1]![0]!.auroc + perSet[1]![1]!.auroc) / 2, 12);
    const same = seeds.map(({ idA, oodA }) => ({ idA, idB: idA, oodA, oodB: oodA }));
    expect(pairedOverSeeds(same, options).estimates.mean).toEqual({
      fpr95: { value: 0, low: 0, high: 0 },
      auroc: { value: 0, low: 0, high: 0 },
    });
  });

  it('does not take copies of one seed for certainty: the images stay in the interval', () => {
    const [one] = simulate(2, { count: 1, gap: 0.3, between: 0 }) as [SeedScores];
    const { low, high } = pairedOverSeeds([one, one, one], options).estimates.mean.fpr95;
    const alone = pairedOverSeeds([one], options).estimates.mean.fpr95;
    expect(high - low).toBeGreaterThan(alone.high - alone.low);
  });

  it('refuses seeds that saw other images', () => {
    const [one, other] = simulate(3, { count: 2, gap: 0, between: 0 }) as [SeedScores, SeedScores];
    const shorter = { ...other, idA: [1, 2], idB: [1, 2] };
    expect(() => pairedOverSeeds([one, shorter], options)).toThrow(/2 .*200|200 .*2/u);
  });

  it('accuracy: mean over the seeds of the differences', () => {
    const { estimate, perSeed } = accuracyOverSeeds(
      [
        { a: [1, 1, 1, 1], b: [1, 1, 1, 0] },
        { a: [1, 0, 1, 1], b: [1, 1, 1, 0] },
      ],
      options,
    );
    expect(perSeed).toEqual([0.25, 0]);
    expect(estimate.value).toBe(0.125);
    expect(estimate.low).toBeLessThan(0);
  });
});

const run = (lambda: number, changes: Partial<ComparedRun['training']> = {}): ComparedRun => ({
  parentId: 'p',
  training: {
    ...{ lambda, seed: 1, epochs: 4, batchSize: 64, learningRate: 0.01, schedule: 'cosine' },
    ...{ momentum: 0.9, nesterov: true, weightDecay: 0, precision: 'fp32', dropout: 0 },
    augmentation: ['flip'],
    ...changes,
  },
});

function verdictInput(scores: readonly SeedScores[], seed = 1): VerdictInput {
  const { estimates, mean } = pairedOverSeeds(scores, { seed, samples: 100 });
  return {
    sparse: run(0.02),
    control: { run: run(0), difference: estimates },
    againstBefore: estimates,
    accuracyChange: { value: 0, low: -0.01, high: 0.01 },
    sets: ['a', 'b'].map((name) => ({ name, n: 1000 })),
    idImages: 1000,
    seeds: scores.length,
    leakage: [],
    repeats: {
      seeds: scores.map((_, i) => i + 1),
      runs: scores.map(() => ({ sparse: run(0.02), control: run(0) })),
      againstControl: mean.map(({ fpr95 }) => fpr95),
      oneStart: false,
    },
  };
}

describe('verdict over seeds', () => {
  const outcomes = (trials: number, options: Parameters<typeof simulate>[1]) => {
    const counts = { improved: 0, 'not shown': 0, worse: 0 };
    for (let seed = 0; seed < trials; seed++)
      counts[decideVerdict(verdictInput(simulate(seed, options), seed)).outcome]++;
    return counts;
  };

  it('without an effect claims a gain in at most 1 of 40 repeats, whatever the spread between seeds', () => {
    for (const between of [0, 0.3]) {
      const { improved, worse } = outcomes(120, { count: 3, gap: 0, between });
      // Binomial(120, 0.025) is at most 9 with probability above 0.998.
      expect(improved).toBeLessThanOrEqual(9);
      expect(worse).toBeLessThanOrEqual(9);
    }
  });

  it('its interval misses the truth at most 2.5% of the time on either side', () => {
    const random = new Random(11);
    const trials = 4000;
    for (const seeds of [2, 3, 5])
      for (const [between, images] of [
        [1, 0],
        [0, 1],
        [1, 1],
        [1, 3],
        [3, 1],
      ] as const) {
        // prettier-ignore
        let below = 0;
        for (let trial = 0; trial < trials; trial++) {
          // The images are the same for every seed, so their chance is common.
          const common = images * random.normal();
          const values = Array.from({ length: seeds }, () => common + between * random.normal());
          if (overSeedsAndImages(values, images).high < 0) below++;
        }
        // Binomial(4000, 0.025) is below 0.0335 with probability above 0.999.
        expect(below / trials).toBeLessThan(0.0335);
      }
  });

  it('finds a large effect that every seed has, and says over how many', () => {
    expect(outcomes(10, { count: 3, gap: 1.5, between: 0.1 }).improved).toBe(10);
    const verdict = decideVerdict(verdictInput(simulate(1, { count: 3, gap: 1.5, between: 0.1 })));
    expect(verdict.sentence).toMatch(/mean FPR95 over 2 OOD sets and 3 seeds/u);
    expect(verdict.rule).toBe(VERDICT_RULE_OVER_SEEDS);
    expect(verdict.cautions.join(' ')).toMatch(
      /3 seeds: the spread between seeds is known poorly/u,
    );
    expect(verdict.cautions.join(' ')).not.toMatch(/One seed only/u);
  });

  it('a gain of one seed that the others do not have is not shown', () => {
    const lucky = simulate(4, { count: 1, gap: 1.5, between: 0 });
    const others = simulate(4, { count: 3, gap: 0, between: 0 });
    // The images of the lucky seed are those of the others.
    const verdict = decideVerdict(verdictInput([{ ...others[0]!, ...lucky[0] }, ...others.slice(1)])); // prettier-ignore
    expect(verdict.outcome).toBe('not shown');
  });

  it('one seed whose control differs makes it no comparison', () => {
    const input = verdictInput(simulate(1, { count: 3, gap: 1.5, between: 0.1 }));
    const [first, ...rest] = input.repeats!.runs;
    const withRuns = (runs: NonNullable<VerdictInput['repeats']>['runs']) =>
      decideVerdict({ ...input, repeats: { ...input.repeats!, runs } });
    const cropped = withRuns([
      ...rest,
      { ...first!, control: run(0, { augmentation: ['crop', 'flip'] }) },
    ]);
    expect(cropped.outcome).toBe('not shown');
    expect(cropped.sentence).toMatch(/augmentation/u);
    expect(withRuns([...rest, { ...first!, control: null }]).outcome).toBe('not shown');
  });

  it('a seed does not count twice', () => {
    const input = verdictInput(simulate(1, { count: 2, gap: 0, between: 0 }));
    const repeats = { ...input.repeats!, seeds: [1, 1] };
    expect(() => decideVerdict({ ...input, repeats })).toThrow(/1, 1 are not/u);
  });

  it('cautions about seeds that disagree and about one start for all', () => {
    const input = verdictInput(simulate(1, { count: 2, gap: 0, between: 0 }));
    const repeats = { ...input.repeats!, againstControl: [-0.1, 0.05], oneStart: true };
    const cautions = decideVerdict({ ...input, repeats }).cautions.join(' ');
    expect(cautions).toMatch(/do not agree: .* rose in 1 of 2 and fell in 1/u);
    expect(cautions).toMatch(/one pretrained model/u);
  });
});
