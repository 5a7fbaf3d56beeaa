/**
 * A set of positions in a list, as ranges: selecting a million images costs as little as selecting one.
 * Values do not change; every operation gives a new one.
 */
export class IndexRanges {
  static readonly none = new IndexRanges([]);
  /** Ascending, apart from one another: [first, last] with both ends in. */
  readonly ranges: readonly (readonly [first: number, last: number])[];

  private constructor(ranges: IndexRanges['ranges']) {
    this.ranges = ranges;
  }

  static of(first: number, last = first): IndexRanges {
    return new IndexRanges([[Math.min(first, last), Math.max(first, last)]]);
  }

  static from(indexes: Iterable<number>): IndexRanges {
    const ranges: [number, number][] = [];
    for (const index of [...indexes].sort((one, other) => one - other)) {
      const last = ranges.at(-1);
      if (last && index <= last[1] + 1) last[1] = Math.max(last[1], index);
      else ranges.push([index, index]);
    }
    return new IndexRanges(ranges);
  }

  get count(): number {
    return this.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    let low = 0;
    let high = this.ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = this.ranges[middle]!;
      if (index < first) high = middle - 1;
      else if (index > last) low = middle + 1;
      else return true;
    }
    return false;
  }

  with(other: IndexRanges): IndexRanges {
    const ranges: [number, number][] = [];
    for (const [first, last] of [...this.ranges, ...other.ranges].sort(
      ([one], [two]) => one - two,
    )) {
      const before = ranges.at(-1);
      if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
      else ranges.push([first, last]);
    }
    return new IndexRanges(ranges);
  }

  without(other: IndexRanges): IndexRanges {
    const ranges: (readonly [number, number])[] = [];
    for (const [first, last] of this.ranges) {
      let from = first;
      for (const [cutFirst, cutLast] of other.ranges) {
        if (cutLast < from || cutFirst > last) continue;
        if (cutFirst > from) ranges.push([from, cutFirst - 1]);
        from = cutLast + 1;
      }
      if (from <= last) ranges.push([from, last]);
    }
    return new IndexRanges(ranges);
  }

  toggled(index: number): IndexRanges {
    const one = IndexRanges.of(index);
    return this.has(index) ? this.without(one) : this.with(one);
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [first, last] of this.ranges)
      for (let index = first; index <= last; index++) yield index;
  }
}
