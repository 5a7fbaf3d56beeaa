/**
 * Every image of a report as columns, one set after the other: what `per-image.csv` holds, and all that the numbers of
 * the report are computed from. A million images take some hundred megabytes.
 */
import type { ImageStatus, Split } from '../datasets/types.ts';
import { STATUS_CODES, SPLIT_CODES } from '../query/image-index.ts';
import type { ModelRole } from './audit.ts';

/** What one model said about the images of a set; NaN and -1 where an image was not scored. */
export interface ModelColumns {
  /** Index into the model's classes. */
  readonly predicted: Int32Array;
  readonly confidence: Float64Array;
  /** E(x), the paper's sign: lower = more in-distribution. */
  readonly energy: Float64Array;
  /** Σ |g| of the penultimate features. */
  readonly featureL1: Float64Array;
  readonly hoyer: Float64Array;
  /** S by detector, larger = more in-distribution; without the primary one, which is -E. */
  readonly scores: ReadonlyMap<string, Float64Array>;
}

export interface SetColumns {
  readonly name: string;
  readonly role: 'id' | 'ood';
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  /** `[n, 32]`; zeros where a file could not be read. */
  readonly hashes: Uint8Array;
  /** Codes of `STATUS_CODES`. */
  readonly statuses: Uint8Array;
  /** Why an image is not usable, by row. */
  readonly reasons: ReadonlyMap<number, string>;
  /** Codes of `SPLIT_CODES`; 0 = none. */
  readonly splits: Uint8Array;
  /** Index into `classes` after curation; -1 = none. */
  readonly labels: Int32Array;
  /** 1 where a person gave the label. */
  readonly relabelled: Uint8Array;
  readonly bytes: Float64Array;
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  /** Quality flags, one bit each, and groups of copies (-1 = alone); null when they were not looked for. */
  readonly findings: {
    readonly flags: Uint8Array;
    readonly nearGroups: Int32Array;
  } | null;
  /** In the order of `ReportColumns.models`. */
  readonly models: readonly ModelColumns[];
}

export interface ReportColumns {
  readonly models: readonly { readonly role: ModelRole; readonly classes: readonly string[] }[];
  /** ID set first. */
  readonly sets: readonly [SetColumns, ...SetColumns[]];
}

export const HASH_BYTES = 32;

/** Of one image, hex; '' where the file could not be read. */
export function hashAt({ hashes }: Pick<SetColumns, 'hashes'>, row: number): string {
  const bytes = Buffer.from(hashes.buffer, hashes.byteOffset + HASH_BYTES * row, HASH_BYTES);
  return bytes.every((byte) => byte === 0) ? '' : bytes.toString('hex');
}

/** Class name of an image; '' when it has none. */
export const labelAt = ({ labels, classes }: SetColumns, row: number): string =>
  classes[labels[row]!] ?? '';

export const statusIs = ({ statuses }: SetColumns, row: number, status: ImageStatus): boolean =>
  statuses[row] === STATUS_CODES[status];

/** Rows that are usable, scored by every model, and of a split (of any when null). */
export function scoredRows(set: SetColumns, split: Split | null): Uint32Array {
  const rows = new Uint32Array(set.paths.length);
  let n = 0;
  for (let row = 0; row < rows.length; row++) {
    if (!statusIs(set, row, 'ok')) continue;
    if (split !== null && set.splits[row] !== SPLIT_CODES[split]) continue;
    if (set.models.every(({ predicted }) => predicted[row]! >= 0)) rows[n++] = row;
  }
  return rows.slice(0, n);
}

/** Values of a column at some rows. */
export function at(column: ArrayLike<number>, rows: Uint32Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]!]!;
  return values;
}
