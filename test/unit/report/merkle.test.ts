import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MerkleTree } from '../../../src/core/report/merkle.ts';

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, word by word: split at the largest power of two below n. */
function reference(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), reference(leaves.slice(0, k)), reference(leaves.slice(k)));
}

describe('the Merkle root', () => {
  it.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100])('of %i leaves is that of RFC 6962', (n) => {
    const tree = new MerkleTree();
    const leaves = Array.from({ length: n }, (_, i) => {
      const file = sha256(Buffer.from(`file ${i}`));
      tree.add(`ünï/${i}.png`, file);
      return Buffer.concat([Buffer.from(`ünï/${i}.png`), Buffer.of(0), file]);
    });
    expect(tree.root()).toBe(reference(leaves).toString('hex'));
    expect(tree.size).toBe(n);
  });

  it('changes with a path, a file and their order', () => {
    const root = (...images: readonly [string, string][]): string => {
      const tree = new MerkleTree();
      for (const [path, file] of images) tree.add(path, sha256(Buffer.from(file)));
      return tree.root();
    };
    const roots = [
      root(['a', '1'], ['b', '2']),
      root(['b', '2'], ['a', '1']),
      root(['a', '2'], ['b', '1']),
      root(['a', '1'], ['c', '2']),
      root(['a', '1']),
    ];
    expect(new Set(roots).size).toBe(roots.length);
  });
});
