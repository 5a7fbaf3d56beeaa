/** What the parts of a scan hand to each other. */
import type { DecodePool } from '../decode/decode-pool.ts';
import type { ProgressListener } from '../progress.ts';
import type { Measurement } from './analyse/measurements.ts';
import type { DatasetFormat, DatasetRole, ImageRecord } from './types.ts';

/** Receives what was measured of the image at this place of the manifest. */
export type MeasurementListener = (ordinal: number, measurement: Measurement) => void;

/** One scan under way. */
export interface Scan {
  readonly root: string;
  readonly name: string;
  readonly role: DatasetRole | 'auto';
  readonly listing: FolderListing;
  readonly options: {
    readonly pool?: DecodePool;
    readonly signal?: AbortSignal;
    readonly onProgress?: ProgressListener;
    readonly onMeasured?: MeasurementListener;
  };
}

/** What a scan found, before splits are drawn and the whole is checked. */
export interface Scanned {
  readonly format: DatasetFormat;
  readonly role: DatasetRole;
  readonly classes: readonly string[];
  readonly images: readonly ImageRecord[];
  readonly foldersGiveSplits: boolean;
}

/** Files of a folder by what they are taken for. */
export interface FolderListing {
  /** All regular files. */
  readonly files: readonly string[];
  readonly images: readonly string[];
  readonly symlinks: number;
  /** Folders that could not be listed, with the reason. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

/** A row of which nothing is known yet but its path. */
export const emptyRecord = (file: string): ImageRecord => ({
  path: file,
  classIndex: null,
  split: null,
  bytes: 0,
  width: 0,
  height: 0,
  sha256: '',
  status: 'failed',
  reason: '',
});
