/** What the folders say: classes, splits, and whether a set is in- or out-of-distribution. */
import { naturalSort } from './walk.ts';
import type { DatasetRole, Split } from './types.ts';

/** One image file and what its place tells about it. */
export interface PlacedFile {
  readonly path: string;
  /** Null when the file lies in no class folder. */
  readonly className: string | null;
  /** Null when the folders say nothing. */
  readonly split: Split | null;
}

export interface Layout {
  readonly role: DatasetRole;
  readonly files: readonly PlacedFile[];
  /** In natural order; empty in an OOD set. */
  readonly classes: readonly string[];
  /** Whether `train/` (and `val/`, `test/`) stand at the top. */
  readonly splitFolders: boolean;
}

const SPLITS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
  testing: 'test',
};

/**
 * Reads classes and splits off the paths of images. The class is the first folder (below `train/`, `val/`,
 * `test/` when these stand at the top); deeper folders belong to it.
 *
 * With `auto`, a set is in-distribution when at least two class folders hold most of its images.
 * @param paths below the root, with `/`
 */
export function readLayout(paths: readonly string[], role: DatasetRole | 'auto'): Layout {
  const parts = paths.map((file) => file.split('/'));
  const inFolders = parts.filter(({ length }) => length > 1);
  const splitFolders =
    inFolders.some(([top]) => splitNamed(top!) === 'train') &&
    inFolders.every(([top]) => splitNamed(top!) !== null);
  const placed = paths.map((file, i): PlacedFile => {
    const [top, second] = parts[i]!;
    const depth = parts[i]!.length;
    if (!splitFolders) return { path: file, className: depth > 1 ? top! : null, split: null };
    return {
      path: file,
      className: depth > 2 ? second! : null,
      split: depth > 1 ? splitNamed(top!) : null,
    };
  });
  const classes = naturalSort(
    new Set(placed.flatMap(({ className }) => (className === null ? [] : [className]))),
  );
  const inClasses = placed.filter(({ className }) => className !== null).length;
  const looksLabelled = classes.length > 1 && inClasses > placed.length / 2;
  if (role === 'id' || (role === 'auto' && looksLabelled))
    return { role: 'id', files: placed, classes, splitFolders };
  const files = paths.map((file) => ({ path: file, className: null, split: null }));
  return { role: 'ood', files, classes: [], splitFolders: false };
}

/** The split that a folder's name stands for. */
export const splitNamed = (folder: string): Split | null => SPLITS[folder.toLowerCase()] ?? null;
