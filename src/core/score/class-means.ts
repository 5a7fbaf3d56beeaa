/** Sums over training images that several scores are fitted from. */
import type { TrainingReader } from './training-reader.ts';

export interface MeanFeatures {
  /** `[units]` */
  readonly mean: Float64Array;
  readonly count: number;
}

/** Mean of the penultimate features over all training images. */
export async function meanFeatures(reader: TrainingReader): Promise<MeanFeatures> {
  let sums = new Float64Array(0);
  let count = 0;
  for await (const { features } of reader.blocks(['features'])) {
    const { data, units } = features;
    if (count === 0) sums = new Float64Array(units);
    for (let row = 0; row < features.count; row++)
      for (let j = 0; j < units; j++) sums[j]! += data[row * units + j]!;
    count += features.count;
  }
  return { mean: sums.map((sum) => sum / count), count };
}

/** Sums of rows by group. */
export class GroupSums {
  readonly counts: Float64Array;
  /** `[groups, width]` */
  readonly sums: Float64Array;
  readonly width: number;

  constructor(groups: number, width: number) {
    this.counts = new Float64Array(groups);
    this.sums = new Float64Array(groups * width);
    this.width = width;
  }

  add(group: number, data: ArrayLike<number>, offset: number): void {
    this.counts[group]!++;
    const start = group * this.width;
    for (let j = 0; j < this.width; j++) this.sums[start + j]! += data[offset + j]!;
  }

  /** Groups that have a row. */
  get present(): readonly number[] {
    return [...this.counts.keys()].filter((group) => this.counts[group]! > 0);
  }

  /** Mean of one group that has a row: `[width]`. */
  mean(group: number): Float64Array {
    const start = group * this.width;
    return this.sums.subarray(start, start + this.width).map((sum) => sum / this.counts[group]!);
  }
}

const MOST_NAMED = 5;

/** Names of classes for a sentence: the first few, and how many more. */
export function classList(names: readonly string[], classes: readonly number[]): string {
  const shown = classes.slice(0, MOST_NAMED).map((k) => names[k] ?? `class ${k}`);
  const more = classes.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
