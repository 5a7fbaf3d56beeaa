import { describe, expect, it } from 'vitest';
import { splitImages } from '../../../src/core/datasets/split.ts';
import type { ImageRecord, Split } from '../../../src/core/datasets/types.ts';

const image = (i: number, classIndex: number, split: Split | null = null): ImageRecord => ({
  path: `${classIndex}/${i}.png`,
  classIndex,
  split,
  bytes: 1,
  width: 1,
  height: 1,
  sha256: `${classIndex}-${i}`,
  status: 'ok',
  reason: '',
});
const many = (counts: readonly number[], split: Split | null = null): ImageRecord[] =>
  counts.flatMap((n, c) => Array.from({ length: n }, (_, i) => image(i, c, split)));
const countOf = (images: readonly ImageRecord[], classIndex: number) =>
  ['train', 'val', 'test'].map(
    (split) => images.filter((i) => i.classIndex === classIndex && i.split === split).length,
  );

describe('the seeded split', () => {
  it('keeps the proportions in every class: 70, 10 and 20 percent', () => {
    const images = splitImages(many([100, 40, 10]), 1);
    expect(countOf(images, 0)).toEqual([70, 10, 20]);
    expect(countOf(images, 1)).toEqual([28, 4, 8]);
    expect(countOf(images, 2)).toEqual([7, 1, 2]);
  });

  it('gives small classes something to train and to test on', () => {
    const images = splitImages(many([3, 2]), 1);
    expect(countOf(images, 0)).toEqual([1, 1, 1]);
    expect(countOf(images, 1)).toEqual([1, 0, 1]);
  });

  it('follows from the seed', () => {
    const splits = (seed: number) => splitImages(many([50, 50]), seed).map(({ split }) => split);
    expect(splits(1)).toEqual(splits(1));
    expect(splits(1)).not.toEqual(splits(2));
  });

  it('draws what folders did not give from train, and leaves the rest alone', () => {
    const given = [...many([100], 'train'), { ...image(0, 0, 'test'), path: 'fixed.png' }];
    const images = splitImages(given, 1);
    expect(countOf(images, 0)).toEqual([90, 10, 1]);
    expect(images.at(-1)!.split).toBe('test');
  });

  it('leaves what is not usable without a split', () => {
    const images: ImageRecord[] = [
      ...many([10]),
      { ...image(99, 0), status: 'failed', reason: 'x' },
    ];
    expect(splitImages(images, 1).at(-1)!.split).toBeNull();
  });
});
