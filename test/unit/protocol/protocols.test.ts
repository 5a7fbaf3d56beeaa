import { describe, expect, it } from 'vitest';
import {
  evaluateProtocol,
  type ProtocolInput,
} from '../../../src/core/protocol/evaluate-protocol.ts';
import { paperSetNamed, planProtocol, protocolNamed, type GivenSet } from '../../../src/core/protocol/protocols.ts'; // prettier-ignore

const given = (...names: string[]): GivenSet[] => names.map((name) => ({ name, nearFar: null }));
const SIX = ['dtd', 'SVHN', 'places365', 'LSUN_C', 'LSUN_resize', 'iSUN'];

describe('sets of the paper, by name', () => {
  it('knows the names that published code uses for them', () => {
    const labels =
      [...SIX, 'Textures', 'svhn-test', 'Places 365', 'LSUN (crop)', 'LSUN-R', 'textures 32x32', 'LSUN_pil'] // prettier-ignore
        .map((name) => paperSetNamed(name)?.label ?? null);
    expect(labels).toEqual([
      ...['Textures', 'SVHN', 'Places365', 'LSUN-Crop', 'LSUN-Resize', 'iSUN'],
      ...['Textures', 'SVHN', 'Places365', 'LSUN-Crop', 'LSUN-Resize', 'Textures', null],
    ]);
  });

  it('takes no stand-in and no name that could be two sets', () => {
    for (const name of [
      'scenes',
      'scenes_crop',
      'tin_crop',
      'LSUN',
      'texture-like',
      'sun',
      'test',
      '',
    ])
      expect(paperSetNamed(name)).toBeNull();
  });
});

describe('planProtocol', () => {
  it('calls it the six-set average only when all six are there', () => {
    const plan = planProtocol('six-sets', given(...SIX, 'mnist'));
    expect(plan.groups[0]).toEqual({ id: 'six-sets', label: 'six-set average', members: [0, 1, 2, 3, 4, 5] }); // prettier-ignore
    expect(plan.missing).toEqual([]);
    expect(plan.left).toEqual(['mnist']);
    for (let without = 0; without < SIX.length; without++) {
      const five = planProtocol('six-sets', given(...SIX.filter((_, i) => i !== without)));
      expect(five.groups[0]!.label).toBe('mean over 5 of 6 sets of the paper');
      expect(five.statement).toMatch(/^5 of the paper’s 6 sets .* not its six-set average/u);
      expect(five.missing).toHaveLength(1);
    }
  });

  it('with none of the six has no average of its own', () => {
    const plan = planProtocol('six-sets', given('scenes', 'mnist'));
    expect(plan.groups.map(({ id }) => id)).toEqual(['all']);
    expect(plan.statement).toMatch(/^0 of the paper’s 6 sets are here, so this is not/u);
  });

  it('does not count a set twice', () => {
    expect(() => planProtocol('six-sets', given('dtd', 'textures'))).toThrow(/dtd and textures are both Textures/u); // prettier-ignore
  });

  it('groups near and far, and names those that are neither', () => {
    const plan = planProtocol('near-far', [
      { name: 'a', nearFar: 'near' },
      { name: 'b', nearFar: 'far' },
      { name: 'c', nearFar: null },
    ]);
    expect(plan.groups.map(({ id, members }) => [id, members])).toEqual([
      ['all', [0, 1, 2]],
      ['near', [0]],
      ['far', [1]],
    ]);
    expect(plan.left).toEqual(['c']);
    expect(() => protocolNamed('seven')).toThrow(/as-given, six-sets, near-far/u);
  });
});

describe('evaluateProtocol', () => {
  // 20 ID images 1 to 20: the FPR95 threshold keeps 19 of them, so it is 2.
  const id = Array.from({ length: 20 }, (_, i) => i + 1);
  const input = (changes: Partial<ProtocolInput> = {}): ProtocolInput => ({
    protocol: 'near-far',
    score: 'energy',
    validation: [10, 11, 12],
    id,
    ood: [
      { name: 'low', nearFar: 'far', scores: [-1, -2, -3, -4] },
      { name: 'mixed', nearFar: 'near', scores: [2, 1, 0.5, 30] },
    ],
    bootstrap: { seed: 1, samples: 100 },
    ...changes,
  });

  it('gives every metric per set by its definition, and plain means over groups', () => {
    const { sets, averages, threshold, n } = evaluateProtocol(input());
    expect(n).toBe(20);
    // Largest threshold that keeps 95% of three validation images is the smallest of them.
    expect(threshold).toEqual({ value: 10, validationImages: 3, idKept: 11 / 20 });
    const [low, mixed] = sets;
    expect(low).toMatchObject({ n: 4, fpr95OodPositive: 0, auprIn: expect.closeTo(1, 12) as number, auprOut: 1, acceptedAtThreshold: 0 }); // prettier-ignore
    expect([low!.fpr95.value, low!.auroc.value]).toEqual([0, 1]);
    // 2 and 30 are at or above 2. To catch 95% of four OOD images all four are caught, and with them all ID images.
    expect([mixed!.fpr95.value, mixed!.fpr95OodPositive]).toEqual([0.5, 1]);
    // Pairs that ID wins: against 2: 18 and a tie, 1: 19 and a tie, 0.5: 20, 30: 0.
    expect(mixed!.auroc.value).toBeCloseTo((18.5 + 19.5 + 20) / 80, 12);
    expect(mixed!.acceptedAtThreshold).toBe(0.25);
    const [all, near, far] = averages;
    expect(all!.fpr95.value).toBe(0.25);
    expect([near!.sets, near!.fpr95.value]).toEqual([['mixed'], 0.5]);
    expect([far!.sets, far!.fpr95.value]).toEqual([['low'], 0]);
    expect(all!.auprIn).toBeCloseTo((1 + mixed!.auprIn) / 2, 12);
    for (const { fpr95 } of averages) {
      expect(fpr95.low).toBeLessThanOrEqual(fpr95.value);
      expect(fpr95.high).toBeGreaterThanOrEqual(fpr95.value);
    }
  });

  it('averages the sets of the paper alone under six-sets', () => {
    const { averages, present, sets } = evaluateProtocol(
      input({
        protocol: 'six-sets',
        ood: [
          { name: 'mine', nearFar: null, scores: [30, 31] },
          { name: 'DTD', nearFar: null, scores: [-1, -2] },
        ],
      }),
    );
    expect(present).toEqual(['Textures']);
    expect(sets.map(({ paperSet }) => paperSet)).toEqual([null, 'Textures']);
    expect(averages.map(({ group, fpr95 }) => [group, fpr95.value])).toEqual([
      ['six-sets', 0],
      ['all', 0.5],
    ]);
  });

  it('refuses no OOD set and scores that are no numbers', () => {
    expect(() => evaluateProtocol(input({ ood: [] }))).toThrow(/there are none/u);
    expect(() => evaluateProtocol(input({ id: [1, Number.NaN] }))).toThrow(/NaN/u);
  });
});
