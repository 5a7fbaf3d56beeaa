/** Six ID images and three OOD images, small enough to see every answer. */
import { describe, expect, it } from 'vitest';
import { ImageIndex, type IndexedImage } from '../../../src/core/query/image-index.ts';
import { queryImages, type ImageMarks, type QueryFilter, type QuerySort, type QuerySource } from '../../../src/core/query/query-images.ts'; // prettier-ignore

const image = (
  path: string,
  classIndex: number | null,
  split: IndexedImage['split'],
  status: IndexedImage['status'] = 'ok',
): IndexedImage => ({ path, classIndex, split, status });

const marks: ImageMarks = {
  flags: Uint8Array.of(0b001, 0b010, 0, 0b011, 0, 0),
  excluded: Uint8Array.of(0, 1, 0, 0, 0, 0),
  curated: Uint8Array.of(0, 1, 1, 0, 0, 0),
  tags: new Map([['odd', [2, 4]]]),
  relabelled: Int32Array.of(-1, -1, 1, -1, -1, -1),
};
const id: QuerySource = {
  datasetId: 'd-id',
  role: 'id',
  classes: ['cat', 'dog'],
  index: ImageIndex.of([
    image('cat/0.png', 0, 'train'),
    image('cat/1.png', 0, 'test'),
    image('cat/2.PNG', 0, 'test'),
    image('dog/broken.png', 1, null, 'failed'),
    image('dog/Été.png', 1, 'test'),
    image('dog/5.png', 1, 'val'),
  ]),
  marks,
  scored: {
    rows: Uint32Array.of(0, 1, 2, 4, 5),
    scores: Float64Array.of(5, 1, 3, 9, 3),
    predicted: Int32Array.of(0, 1, 1, 1, 0),
    confidence: Float64Array.of(0.9, 0.6, 0.7, 0.99, 0.5),
    l1: Float64Array.of(10, 20, 30, 40, 50),
    modelClasses: ['cat', 'dog'],
  },
};
const ood: QuerySource = {
  datasetId: 'd-ood',
  role: 'ood',
  classes: [],
  index: ImageIndex.of([
    image('a.png', null, null),
    image('b.png', null, null),
    image('c.png', null, null),
  ]),
  marks: null,
  scored: {
    rows: Uint32Array.of(0, 1, 2),
    scores: Float64Array.of(2, 6, NaN),
    predicted: Int32Array.of(1, 1, 0),
    confidence: Float64Array.of(0.4, 0.8, 0.3),
    l1: Float64Array.of(1, 2, 3),
    modelClasses: ['cat', 'dog'],
  },
};
const byPath: QuerySort = { by: 'path', direction: 'ascending' };
const found = (filter: QueryFilter, sort = byPath, threshold = 0): string[] => {
  const list = queryImages([id, ood], filter, sort, threshold);
  expect(list.total).toBe(list.ordinals.length);
  return Array.from(list.ordinals, (ordinal, i) => {
    const source = list.datasetIds[list.datasets[i]!] === 'd-id' ? id : ood;
    return source.index.path(ordinal);
  });
};

describe('filters', () => {
  it('list every scored image without one', () => {
    expect(found({})).toEqual(['cat/0.png', 'cat/1.png', 'cat/2.PNG', 'dog/Été.png', 'dog/5.png', 'a.png', 'b.png', 'c.png']); // prettier-ignore
  });

  it.each<[string, QueryFilter, string[]]>([
    ['dataset', { datasetIds: ['d-ood'] }, ['a.png', 'b.png', 'c.png']],
    [
      'split, of ID sets only',
      { splits: ['val'], datasetIds: ['d-id', 'd-ood'] },
      ['dog/5.png', 'a.png', 'b.png', 'c.png'],
    ],
    ['true class, after relabelling', { classNames: ['dog'] }, ['cat/2.PNG', 'dog/Été.png', 'dog/5.png']], // prettier-ignore
    ['predicted class', { predicted: ['cat'] }, ['cat/0.png', 'dog/5.png', 'c.png']],
    ['right', { correct: true }, ['cat/0.png', 'cat/2.PNG', 'dog/Été.png']],
    ['wrong, which OOD images cannot be', { correct: false }, ['cat/1.png', 'dog/5.png']],
    ['score range, both ends included', { scoreMin: 3, scoreMax: 5 }, ['cat/0.png', 'cat/2.PNG', 'dog/5.png']], // prettier-ignore
    ['any of some flags', { flags: 0b011 }, ['cat/0.png', 'cat/1.png']],
    ['tag', { tags: ['odd', 'unknown'] }, ['cat/2.PNG', 'dog/Été.png']],
    ['excluded', { excluded: true }, ['cat/1.png']],
    ['not excluded', { excluded: false, datasetIds: ['d-id'] }, ['cat/0.png', 'cat/2.PNG', 'dog/Été.png', 'dog/5.png']], // prettier-ignore
    ['curated', { curated: true }, ['cat/1.png', 'cat/2.PNG']],
    ['text of either case', { text: '.png', datasetIds: ['d-id'] }, ['cat/0.png', 'cat/1.png', 'cat/2.PNG', 'dog/Été.png', 'dog/5.png']], // prettier-ignore
    ['text with accents, composed or not', { text: 'ÉTE\u0301' }, ['dog/Été.png']],
    ['text over the end of a path', { text: 'png\0' }, []],
    ['these only', { only: [{ datasetId: 'd-id', ordinals: Uint32Array.of(4, 3) }] }, ['dog/Été.png']], // prettier-ignore
    ['several at once', { splits: ['test'], correct: true, scoreMin: 4, datasetIds: ['d-id'] }, ['dog/Été.png']], // prettier-ignore
  ])('by %s', (_name, filter, paths) => {
    expect(found(filter)).toEqual(paths);
  });

  it('list readable images, without scores, where nothing is scored', () => {
    const list = queryImages([{ ...id, scored: null }], {}, byPath);
    expect([...list.ordinals]).toEqual([0, 1, 2, 4, 5]);
    expect([...list.scores]).toEqual([NaN, NaN, NaN, NaN, NaN]);
  });
});

describe('orders', () => {
  it('by score: equal ones by path, those without one last, in both directions', () => {
    expect(found({}, { by: 'score', direction: 'ascending' })).toEqual(['cat/1.png', 'a.png', 'cat/2.PNG', 'dog/5.png', 'cat/0.png', 'b.png', 'dog/Été.png', 'c.png']); // prettier-ignore
    expect(found({}, { by: 'score', direction: 'descending' })).toEqual(['dog/Été.png', 'b.png', 'cat/0.png', 'cat/2.PNG', 'dog/5.png', 'a.png', 'cat/1.png', 'c.png']); // prettier-ignore
  });

  it('worst first: by how far an image lies on the wrong side of the threshold', () => {
    // δ = 4: cat/1 is 3 below, b is 2 above, cat/2 and dog/5 are 1 below; the others are right.
    const sort: QuerySort = { by: 'threshold-distance', direction: 'descending' };
    expect(found({}, sort, 4)).toEqual(['cat/1.png', 'b.png', 'cat/2.PNG', 'dog/5.png', 'cat/0.png', 'a.png', 'dog/Été.png', 'c.png']); // prettier-ignore
  });

  it('by class after relabelling, OOD images last', () => {
    expect(found({}, { by: 'class', direction: 'descending' })).toEqual(['cat/2.PNG', 'dog/Été.png', 'dog/5.png', 'cat/0.png', 'cat/1.png', 'a.png', 'b.png', 'c.png']); // prettier-ignore
  });

  it.each<[QuerySort['by'], string]>([
    ['confidence', 'dog/Été.png'],
    ['feature-l1', 'dog/5.png'],
    ['predicted', 'cat/1.png'],
    ['path', 'c.png'],
  ])('by %s, largest first', (by, first) => {
    expect(found({}, { by, direction: 'descending' })[0]).toBe(first);
  });
});
