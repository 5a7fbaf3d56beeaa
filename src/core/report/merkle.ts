/**
 * The Merkle root of a dataset: one hash that stands for every path and every file.
 *
 * As RFC 6962 (Certificate Transparency, section 2.1) has it, so that a leaf can never be taken for a node:
 * leaf = SHA-256(0x00 ‖ path as UTF-8 ‖ 0x00 ‖ SHA-256 of the file, 32 bytes), node = SHA-256(0x01 ‖ left ‖ right),
 * split at the largest power of two below the number of leaves. Leaves are in the order of per-image.csv; images that
 * could not be read have none. No leaves: SHA-256 of nothing.
 */
import { hash } from 'node:crypto';

/** How the root is made, for people who check it with other tools. */
export const MERKLE_DEFINITION =
  'RFC 6962, section 2.1: leaf = SHA-256(0x00, path in UTF-8, 0x00, 32 bytes of SHA-256 of the file); node = SHA-256(0x01, left, right); ' +
  'split at the largest power of two below the number of leaves. Leaves in the order of per-image.csv, without images that could not be read.';

const HASH = 32;
const digest = (data: Uint8Array): Buffer => hash('sha256', data, 'buffer');

/** A growing list of leaves; memory for one hash per level of the tree. */
export class MerkleTree {
  /** Roots of complete subtrees, largest first; sizes are the bits of `leaves`. */
  private readonly roots: Buffer[] = [];
  private leaves = 0;
  private readonly pair = Buffer.alloc(1 + 2 * HASH, 1);

  get size(): number {
    return this.leaves;
  }

  /** @param sha256 32 bytes */
  add(path: string, sha256: Uint8Array): void {
    const name = Buffer.from(path, 'utf8');
    const leaf = Buffer.alloc(name.length + 2 + HASH);
    name.copy(leaf, 1);
    leaf.set(sha256, name.length + 2);
    let root = digest(leaf);
    // A carry for every subtree of the same size, as in counting.
    for (let bits = this.leaves; (bits & 1) === 1; bits >>>= 1)
      root = this.node(this.roots.pop()!, root);
    this.roots.push(root);
    this.leaves++;
  }

  /** Hex. */
  root(): string {
    const [last, ...others] = [...this.roots].reverse();
    if (!last) return digest(Buffer.alloc(0)).toString('hex');
    return others.reduce((right, left) => this.node(left, right), last).toString('hex');
  }

  private node(left: Buffer, right: Buffer): Buffer {
    left.copy(this.pair, 1);
    right.copy(this.pair, 1 + HASH);
    return digest(this.pair);
  }
}
