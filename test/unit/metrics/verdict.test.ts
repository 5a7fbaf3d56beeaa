import { describe, expect, it } from 'vitest';
import type { ComparedRun } from '../../../src/core/metrics/control-check.ts';
import { controlMismatches } from '../../../src/core/metrics/control-check.ts';
import type { PairedEstimates } from '../../../src/core/metrics/paired-bootstrap.ts';
import { pairedBootstrap } from '../../../src/core/metrics/paired-bootstrap.ts';
import { signedPoints, sizeInPoints } from '../../../src/core/metrics/points.ts';
import type { VerdictInput } from '../../../src/core/metrics/verdict.ts';
import { decideVerdict, VERDICT_RULE } from '../../../src/core/metrics/verdict.ts';
import { Random } from '../../../src/core/random.ts';
import type { Estimate } from '../../../src/core/report/audit.ts';

const estimate = (value: number, low: number, high: number): Estimate => ({ value, low, high });
const ZERO = estimate(0, -0.01, 0.01);

/** Differences with this mean FPR95, and sets that did not change unless given. */
const paired = (
  fpr95: Estimate,
  perSet: readonly Estimate[] = [ZERO, ZERO, ZERO],
): PairedEstimates => ({
  mean: { fpr95, auroc: ZERO },
  perSet: perSet.map((set) => ({ fpr95: set, auroc: ZERO })),
});

const run = (lambda: number, changes: Partial<ComparedRun['training']> = {}): ComparedRun => ({
  parentId: 'pretrained',
  training: {
    lambda,
    seed: 1,
    epochs: 10,
    batchSize: 128,
    learningRate: 0.001,
    schedule: 'cosine',
    momentum: 0.9,
    nesterov: true,
    weightDecay: 5e-4,
    precision: 'fp32',
    dropout: 0.3,
    augmentation: ['flip'],
    ...changes,
  },
});

const GAIN = paired(estimate(-0.032, -0.054, -0.011));
const LOSS = paired(estimate(0.032, 0.011, 0.054));
const NONE = paired(estimate(-0.004, -0.015, 0.008));

/** A comparison to which no caution applies; tests change one thing. */
const input = (changes: Partial<VerdictInput> = {}): VerdictInput => ({
  sparse: run(0.02),
  control: { run: run(0), difference: GAIN },
  againstBefore: GAIN,
  accuracyChange: estimate(-0.002, -0.006, 0.003),
  sets: ['textures', 'scenes', 'digits'].map((name) => ({ name, n: 1000 })),
  idImages: 2000,
  seeds: 3,
  leakage: [],
  ...changes,
});
const withControl = (difference: PairedEstimates, changes: Partial<VerdictInput> = {}) =>
  decideVerdict(input({ control: { run: run(0), difference }, ...changes }));

describe('decideVerdict: outcome', () => {
  it('improved when the interval against the control lies below 0', () => {
    const verdict = decideVerdict(input());
    expect(verdict.outcome).toBe('improved');
    expect(verdict.sentence).toBe(
      'Sparse fine-tuning lowered the mean FPR95 over 3 OOD sets by 3.2 points (95% interval 1.1 to 5.4) against its control.',
    );
    expect(verdict.rule).toBe(VERDICT_RULE);
    expect(verdict.cautions).toEqual([]);
    expect(verdict.againstControl).toEqual(GAIN.mean.fpr95);
  });

  it('not shown when it includes 0, also by its end alone', () => {
    expect(withControl(NONE).outcome).toBe('not shown');
    expect(withControl(NONE).sentence).toBe(
      'No gain over the control is shown: the mean FPR95 over 3 OOD sets changed by −0.4 points (95% interval −1.5 to +0.8), an interval that includes 0.',
    );
    expect(withControl(paired(estimate(-0.05, -0.1, 0))).outcome).toBe('not shown');
    expect(withControl(paired(estimate(0.05, 0, 0.1))).outcome).toBe('not shown');
    expect(withControl(paired(estimate(0, 0, 0))).outcome).toBe('not shown');
  });

  it('worse when it lies above 0, however much better than before', () => {
    const verdict = withControl(LOSS);
    expect(verdict.outcome).toBe('worse');
    expect(verdict.sentence).toMatch(/raised .* by 3\.2 points .* against its control/);
  });

  it('a gain over the model before that the control has too is not shown', () => {
    expect(withControl(NONE, { againstBefore: GAIN }).outcome).toBe('not shown');
  });

  it('a gain over the control with a loss against the model before is not shown', () => {
    const verdict = withControl(GAIN, { againstBefore: LOSS });
    expect(verdict.outcome).toBe('not shown');
    expect(verdict.sentence).toMatch(/fell by 3\.2 .* against the control, but rose by 3\.2/);
  });

  it('without a control never improved, and says why', () => {
    const verdict = decideVerdict(input({ control: null }));
    expect(verdict.outcome).toBe('not shown');
    expect(verdict.againstControl).toBeNull();
    expect(verdict.sentence).toMatch(/no control run \(the same fine-tuning with λ = 0\)/);
    expect(verdict.sentence).toMatch(/can come from the fine-tuning itself/);
    expect(decideVerdict(input({ control: null, againstBefore: NONE })).outcome).toBe('not shown');
    const worse = decideVerdict(input({ control: null, againstBefore: LOSS }));
    expect(worse.outcome).toBe('worse');
    expect(worse.sentence).toMatch(/against the model before fine-tuning/);
  });

  it('a control that differs in more than λ is no control', () => {
    const difference = GAIN;
    const other = (control: ComparedRun) =>
      decideVerdict(input({ control: { run: control, difference } }));
    const cropped = other(run(0, { augmentation: ['crop', 'flip'] }));
    expect(cropped.outcome).toBe('not shown');
    expect(cropped.againstControl).toBeNull();
    expect(cropped.sentence).toMatch(/control run differs from the sparse run in augmentation/);
    expect(other(run(0, { seed: 2 })).outcome).toBe('not shown');
    expect(controlMismatches(run(0.02), run(0, { options: ['mixup, α = 0.2'] }))).toEqual([
      'label smoothing, mixup or outliers',
    ]);
    // λ is 0 there too, but another term is not.
    expect(controlMismatches(run(0.02), run(0, { addsToLoss: true }))[0]).toMatch(/weight of what/);
    expect(other(run(0.001)).outcome).toBe('not shown');
    expect(other({ ...run(0), parentId: 'another' }).outcome).toBe('not shown');
    expect(controlMismatches(run(0.02), run(0))).toEqual([]);
  });

  it('claims nothing from a handful of images or from λ = 0', () => {
    const sets = [{ name: 'textures', n: 19 }, ...input().sets.slice(1)];
    expect(decideVerdict(input({ sets })).outcome).toBe('not shown');
    expect(decideVerdict(input({ sets })).sentence).toMatch(/textures has 19 images/);
    expect(decideVerdict(input({ idImages: 1 })).sentence).toMatch(/ID test set has 1 image,/);
    expect(decideVerdict(input({ sparse: run(0) })).outcome).toBe('not shown');
  });

  it('says in the same sentence that accuracy fell', () => {
    const accuracyChange = estimate(-0.007, -0.011, -0.003);
    expect(decideVerdict(input({ accuracyChange })).sentence).toMatch(
      /; ID accuracy fell by 0\.7 points \(95% interval 0\.3 to 1\.1\)\.$/,
    );
  });

  it('refuses numbers that are none and sets without differences', () => {
    expect(() => withControl(paired(estimate(NaN, NaN, NaN)))).toThrow(/not a number/);
    expect(() => withControl(paired(estimate(0, 0.1, -0.1)))).toThrow(/not a number/);
    expect(() => decideVerdict(input({ sets: [] }))).toThrow(/0 OOD sets but differences for 3/);
  });
});

describe('decideVerdict: cautions', () => {
  const cautions = (changes: Partial<VerdictInput>) => decideVerdict(input(changes)).cautions;

  it('names sets that got worse, with their interval, and only those', () => {
    const difference = paired(GAIN.mean.fpr95, [
      estimate(0.042, 0.011, 0.07),
      ZERO,
      estimate(-0.1, -0.2, -0.05),
    ]);
    expect(cautions({ control: { run: run(0), difference } })).toEqual([
      'FPR95 got worse on 1 of 3 OOD sets against the control: textures +4.2 points (95% interval +1.1 to +7.0).',
    ]);
    expect(cautions({ againstBefore: difference })).toEqual([
      'FPR95 got worse on 1 of 3 OOD sets against the model before fine-tuning: textures +4.2 points (95% interval +1.1 to +7.0).',
    ]);
  });

  it('small sets, on both sides', () => {
    const sets = [{ name: 'textures', n: 499 }, ...input().sets.slice(1)];
    expect(cautions({ sets, idImages: 300 })).toEqual([
      'Fewer than 500 images: the ID test set (300), textures (499). Their intervals are wide and the ends uncertain.',
    ]);
    expect(cautions({ sets: input().sets.map((set) => ({ ...set, n: 500 })) })).toEqual([]);
  });

  it('one seed, few sets, accuracy, λ, shared images', () => {
    expect(cautions({ seeds: 1 })).toEqual([expect.stringMatching(/^One seed only/)]);
    expect(cautions({ accuracyChange: estimate(-0.01, -0.02, -0.001) })).toEqual([
      'ID accuracy fell by 1.0 points (95% interval 0.1 to 2.0) against the model before fine-tuning.',
    ]);
    const strong = { sparse: run(0.1) };
    expect(cautions(strong)).toEqual([expect.stringMatching(/^λ = 0\.1 is large/)]);
    expect(cautions({ sparse: run(0.001) })).toEqual([
      expect.stringMatching(/no measurable effect/),
    ]);
    expect(
      cautions({
        leakage: [
          { between: 'ID train and ID test', images: 0 },
          { between: 'ID test and textures', images: 3 },
        ],
      }),
    ).toEqual([expect.stringMatching(/^3 identical images in ID test and textures/)]);
    const two = paired(GAIN.mean.fpr95, [ZERO, ZERO]);
    expect(
      cautions({
        control: { run: run(0), difference: two },
        againstBefore: two,
        sets: input().sets.slice(1),
      }),
    ).toEqual([expect.stringMatching(/^Only 2 OOD sets/)]);
  });
});

describe('decideVerdict on simulated models', () => {
  /** Two models of the given quality on the same images; what is hard is partly hard for both. */
  function simulate(seed: number, gap: number): VerdictInput {
    const random = new Random(seed, 77);
    const column = (n: number, mean: number, shift: number) => {
      const shared = Float64Array.from({ length: n }, () => 0.8 * random.normal() + mean);
      const own = (by: number) => shared.map((s) => s + by + 0.6 * random.normal());
      return [own(shift), own(0)] as const;
    };
    const id = column(300, 2, 0);
    const ood = [0, 0.3, -0.3].map((mean) => column(150, mean, -gap));
    const difference = pairedBootstrap({
      idA: id[0],
      idB: id[1],
      oodA: ood.map(([a]) => a),
      oodB: ood.map(([, b]) => b),
      seed,
      samples: 100,
    });
    return input({ control: { run: run(0), difference }, againstBefore: difference });
  }
  const outcomes = (trials: number, gap: number): Record<string, number> => {
    const counts: Record<string, number> = { improved: 0, 'not shown': 0, worse: 0 };
    for (let seed = 0; seed < trials; seed++) {
      counts[decideVerdict(simulate(seed, gap)).outcome]!++;
    }
    return counts;
  };

  it('equal models are called improved in about 1 of 40 comparisons at most', () => {
    const { improved, worse } = outcomes(120, 0);
    // Binomial(120, 0.025) is at most 9 with probability above 0.998.
    expect(improved).toBeLessThanOrEqual(9);
    expect(worse).toBeLessThanOrEqual(9);
  });

  it('a large real difference is found, in its direction', () => {
    expect(outcomes(20, 1)).toEqual({ improved: 20, 'not shown': 0, worse: 0 });
    expect(outcomes(20, -1)).toEqual({ improved: 0, 'not shown': 0, worse: 20 });
  });
});

describe('points', () => {
  it('prints as many decimals as the decision needs', () => {
    expect(signedPoints(estimate(-0.004, -0.015, 0.008))).toBe(
      '−0.4 points (95% interval −1.5 to +0.8)',
    );
    // An interval that excludes 0 must not print as if it ended at 0.
    expect(sizeInPoints(estimate(-0.004, -0.0076, -0.0003))).toBe(
      '0.40 points (95% interval 0.03 to 0.76)',
    );
    expect(signedPoints(estimate(0, 0, 0))).toBe('0.0 points (95% interval 0.0 to 0.0)');
  });
});
