/** Four ID and three OOD images under two models; every rank and outcome is worked out by hand. */
import { describe, expect, it } from 'vitest';
import type { QueryScores } from '../../../src/core/query/query-images.ts';
import { inBoth, pairImages, type PairedSource, type PairKind } from '../../../src/core/workflow/pair-images.ts'; // prettier-ignore

const scored = (
  rows: number[],
  scores: number[],
  predicted: number[],
  modelClasses: string[],
): QueryScores => ({
  rows: Uint32Array.from(rows),
  scores: Float64Array.from(scores),
  predicted: Int32Array.from(predicted),
  confidence: new Float64Array(rows.length),
  l1: new Float64Array(rows.length),
  modelClasses,
});
const all = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

const id: PairedSource = {
  datasetId: 'd-id',
  role: 'id',
  before: scored([0, 1, 2, 3], [9, 7, 5, 3], [0, 0, 1, 1], ['cat', 'dog']),
  // The second model knows the same classes in another order: 1 is its cat.
  after: scored([0, 1, 2, 3], [20, 40, 40, 10], [1, 0, 0, 0], ['dog', 'cat']),
  ranked: all(4),
  listed: all(4),
};
const ood: PairedSource = {
  datasetId: 'd-ood',
  role: 'ood',
  before: scored([0, 1, 2], [8, 1, 2], [0, 0, 0], ['cat', 'dog']),
  after: scored([0, 1, 2], [5, 50, 6], [1, 1, 1], ['dog', 'cat']),
  ranked: all(3),
  listed: all(3),
};
const thresholds = { before: 4, after: 15 };
const found = (kind: PairKind): string[] => {
  const { ordinals, datasets, datasetIds } = pairImages([id, ood], thresholds, kind);
  return Array.from(ordinals, (ordinal, i) => `${datasetIds[datasets[i]!]!.slice(2)} ${ordinal}`);
};

describe('images under two models', () => {
  it('have ranks within their set, shared where scores are equal', () => {
    const pairs = pairImages([id, ood], thresholds, 'all');
    expect(pairs.total).toBe(7);
    expect([...pairs.ranksBefore]).toEqual([0, 1, 2, 3, 0, 2, 1]);
    expect([...pairs.ranksAfter]).toEqual([2, 0, 0, 3, 2, 0, 1]);
    expect([...pairs.scoresBefore]).toEqual([9, 7, 5, 3, 8, 1, 2]);
    expect([...pairs.scoresAfter]).toEqual([20, 40, 40, 10, 5, 50, 6]);
  });

  it('are accepted at the threshold of each model; predictions are compared by name', () => {
    const { outcomes } = pairImages([id, ood], thresholds, 'all');
    // Bits: accepted before 1, accepted after 2, another prediction 4.
    expect([...outcomes]).toEqual([3, 7, 3, 0, 1, 2, 0]);
  });

  it.each<[PairKind, string[]]>([
    ['all', ['id 0', 'id 1', 'id 2', 'id 3', 'ood 0', 'ood 1', 'ood 2']],
    // Changes in shares of the set: ID 2/4, 1/4, 2/4, 0; OOD 2/3, 2/3, 0.
    ['rank-change', ['ood 0', 'ood 1', 'id 0', 'id 2', 'id 1']],
    ['accept-flips', ['ood 0', 'ood 1']],
    ['regressions', ['ood 1']],
    ['rescues', ['ood 0']],
    ['prediction-flips', ['id 1']],
  ])('of the kind %s, largest change first', (kind, images) => {
    expect(found(kind)).toEqual(images);
  });

  it('regress too where an ID image is rejected that was accepted', () => {
    const strict = pairImages([id], { before: 4, after: 30 }, 'regressions');
    expect([...strict.ordinals]).toEqual([0]);
    expect([...pairImages([id], { before: 4, after: 10 }, 'rescues').ordinals]).toEqual([3]);
  });

  it('keep their ranks when only some are listed', () => {
    const pairs = pairImages([{ ...id, listed: Uint32Array.of(2) }], thresholds, 'all');
    expect([...pairs.ordinals]).toEqual([2]);
    expect([...pairs.ranksBefore]).toEqual([2]);
  });

  it('that only one model has scored are left out', () => {
    expect([...inBoth(Uint32Array.of(1, 3, 4, 9), Uint32Array.of(0, 3, 9, 10))]).toEqual([3, 9]);
    const after = scored([1, 3], [5, 6], [0, 0], ['cat', 'dog']);
    const both = inBoth(id.before.rows, after.rows);
    const pairs = pairImages([{ ...id, after, ranked: both, listed: both }], thresholds, 'all');
    expect([...pairs.ordinals]).toEqual([1, 3]);
    expect([...pairs.ranksBefore]).toEqual([0, 1]);
    expect([...pairs.ranksAfter]).toEqual([1, 0]);
  });
});
