import { describe, expect, it } from 'vitest';
import { leakage } from '../../../src/core/workflow/leakage.ts';

describe('leakage', () => {
  it('counts the images of the tested set whose bytes are in the other, each copy by itself', () => {
    const shared = leakage({
      train: ['a', 'b', 'b'],
      val: ['c', 'd'],
      test: ['b', 'd', 'd', 'e'],
      all: ['a', 'b', 'b', 'c', 'd', 'b', 'd', 'd', 'e', 'unsplit'],
      ood: [
        { name: 'digits', hashes: ['x', 'unsplit', 'a'] },
        { name: 'textures', hashes: ['y'] },
      ],
    });
    expect(shared).toEqual([
      { between: 'ID train and ID test', images: 1 },
      { between: 'ID val and ID test', images: 2 },
      { between: 'ID and digits', images: 2 },
      { between: 'ID and textures', images: 0 },
    ]);
  });
});
