import { describe, expect, it } from 'vitest';
import { leaksIntoOod, leaksWithinSet } from '../../../src/core/curate/leaking-images.ts';
import { SAME_BYTES } from '../../../src/core/datasets/analyse/analyse.ts';
import type { AnalysedSet } from '../../../src/core/datasets/analyse/findings.ts';
import type { Split } from '../../../src/core/datasets/types.ts';

const set = (
  name: string,
  splits: readonly (Split | null)[],
  excluded: readonly number[] = [],
): AnalysedSet => ({
  // prettier-ignore
  datasetId: name,
  name,
  role: splits[0] === null ? 'ood' : 'id',
  count: splits.length,
  inUse: (ordinal) => !excluded.includes(ordinal),
  split: (ordinal) => splits[ordinal]!,
});
const analysis = (exact: number[], near: number[]) => ({
  flags: new Uint8Array(exact.length),
  exactGroups: Int32Array.from(exact),
  nearGroups: Int32Array.from(near),
});

describe('leaksWithinSet', () => {
  it('names the later side of each pair of splits once, never a training image', () => {
    const splits: Split[] = ['train', 'test', 'val', 'train', 'test', 'test'];
    // 0, 1 and 2 are one file; 3 looks like 4; 5 is alone.
    const found = leaksWithinSet(
      set('id', splits),
      analysis([0, 0, 0, -1, -1, -1], [0, 0, 0, 1, 1, -1]),
    );
    expect(found.map(({ ordinal, kind, sameAs }) => [ordinal, kind, sameAs.ordinal])).toEqual([
      [1, 'exact', 0],
      [2, 'exact', 0],
      [4, 'near', 3],
    ]);
  });

  it('of val and test alone the test image goes; copies within one split are no leak', () => {
    const splits: Split[] = ['val', 'test', 'train', 'train'];
    const found = leaksWithinSet(set('id', splits), analysis([0, 0, 1, 1], [-1, -1, -1, -1]));
    expect(found.map(({ ordinal, between }) => [ordinal, between])).toEqual([
      [1, 'id (val) and id (test)'],
    ]);
  });

  it('excluded images leak nothing', () => {
    const splits: Split[] = ['train', 'test'];
    expect(leaksWithinSet(set('id', splits, [0]), analysis([0, 0], [-1, -1]))).toEqual([]);
    expect(leaksWithinSet(set('id', splits, [1]), analysis([0, 0], [-1, -1]))).toEqual([]);
  });
});

describe('leaksIntoOod', () => {
  it('the OOD image goes, once, as the same file where it is one', () => {
    const id = set('id', ['train', 'test', 'val']);
    const ood = set('odd', [null, null, null], [2]);
    const found = leaksIntoOod(id, ood, [
      { first: 0, second: 0, bits: 3 },
      { first: 1, second: 0, bits: SAME_BYTES },
      { first: 2, second: 1, bits: 5 },
      { first: 2, second: 2, bits: SAME_BYTES },
    ]);
    expect(found).toEqual([
      { datasetId: 'odd', ordinal: 0, kind: 'exact', between: 'id and odd', sameAs: { datasetId: 'id', ordinal: 1 } }, // prettier-ignore
      { datasetId: 'odd', ordinal: 1, kind: 'near', between: 'id and odd', sameAs: { datasetId: 'id', ordinal: 2 } }, // prettier-ignore
    ]);
  });
});
