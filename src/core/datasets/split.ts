/** Seeded, stratified train/val/test split. */
import { Random } from '../random.ts';
import type { ImageRecord, Split } from './types.ts';

/** Shares of each class; training gets the rest. */
export interface SplitFractions {
  readonly val: number;
  readonly test: number;
}

export const DEFAULT_FRACTIONS: SplitFractions = { val: 0.1, test: 0.2 };

/**
 * Gives every usable labelled image that has no split one, class by class, so that each split holds the
 * classes in the same proportions (rounded, at least one image each where a class has three or more).
 *
 * Where folders gave `train` but no `val` or no `test`, the missing ones are drawn from `train`.
 * @param images the whole manifest; rows that are not `ok` stay as they are
 * @param seed same seed and same images, same split
 */
export function splitImages(
  images: readonly ImageRecord[],
  seed: number,
  fractions: SplitFractions = DEFAULT_FRACTIONS,
): ImageRecord[] {
  const has = (split: Split): boolean => images.some((image) => image.split === split);
  const wanted = {
    val: has('val') ? 0 : fractions.val,
    test: has('test') ? 0 : fractions.test,
  };
  const splits = images.map(({ split }) => split);
  for (const [classIndex, rows] of drawable(images))
    assign(rows, splits, wanted, new Random(seed, classIndex));
  return images.map((image, i) => {
    const split = splits[i]!;
    return split === image.split ? image : { ...image, split };
  });
}

/** Rows that may move, by class: usable, labelled, and in `train` or nowhere yet. */
function drawable(images: readonly ImageRecord[]): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (const [i, { status, classIndex, split }] of images.entries()) {
    if (status !== 'ok' || classIndex === null || (split !== null && split !== 'train')) continue;
    const ofClass = rows.get(classIndex);
    if (ofClass) ofClass.push(i);
    else rows.set(classIndex, [i]);
  }
  return rows;
}

function assign(
  rows: number[],
  splits: (Split | null)[],
  wanted: SplitFractions,
  random: Random,
): void {
  const share = (fraction: number): number =>
    fraction === 0 ? 0 : Math.max(rows.length >= 3 ? 1 : 0, Math.round(rows.length * fraction));
  // Of two images one trains and one tests.
  const test = wanted.test > 0 && rows.length === 2 ? 1 : share(wanted.test);
  const val = share(wanted.val);
  random.shuffle(rows).forEach((row, k) => {
    splits[row] = k < test ? 'test' : k < test + val ? 'val' : 'train';
  });
}
