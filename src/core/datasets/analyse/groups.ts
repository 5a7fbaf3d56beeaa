/** Images that belong together, as one group number per image. */

/** Marks an image that is alone. */
export const ALONE = -1;

/** Sets that are merged pair by pair (Tarjan's union-find with path halving). */
export class Merging {
  private readonly parents: Int32Array;

  constructor(size: number) {
    this.parents = Int32Array.from({ length: size }, (_, i) => i);
  }

  find(i: number): number {
    const { parents } = this;
    let at = i;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  merge(a: number, b: number): void {
    const x = this.find(a);
    const y = this.find(b);
    // The smaller number leads, so that groups come in the order of their first image.
    if (x < y) this.parents[y] = x;
    else this.parents[x] = y;
  }

  /** Groups of two or more, numbered from 0 in the order of their first image; `ALONE` for the rest. */
  groups(): Int32Array {
    const { parents } = this;
    const sizes = new Int32Array(parents.length);
    for (let i = 0; i < parents.length; i++) sizes[this.find(i)]!++;
    const numbers = new Int32Array(parents.length).fill(ALONE);
    const groups = new Int32Array(parents.length).fill(ALONE);
    let next = 0;
    for (let i = 0; i < parents.length; i++) {
      const root = this.find(i);
      if (sizes[root]! < 2) continue;
      if (numbers[root] === ALONE) numbers[root] = next++;
      groups[i] = numbers[root]!;
    }
    return groups;
  }
}

/**
 * Groups of equal bytes.
 * @param sha256s hex, one per image; '' for those that take no part
 */
export function exactGroups(sha256s: readonly string[]): Int32Array {
  const first = new Map<string, number>();
  const merging = new Merging(sha256s.length);
  for (const [i, sha256] of sha256s.entries()) {
    if (sha256 === '') continue;
    const known = first.get(sha256);
    if (known === undefined) first.set(sha256, i);
    else merging.merge(known, i);
  }
  return merging.groups();
}

/** Members of every group, in order. @param groups as `Merging.groups` gives them */
export function membersOf(groups: Int32Array): number[][] {
  const members: number[][] = [];
  for (const [i, group] of groups.entries()) if (group !== ALONE) (members[group] ??= []).push(i);
  return members;
}
