/** What a registered folder contains: one record per file found, nothing left out. */

export type DatasetRole = 'id' | 'ood';
export type Split = 'train' | 'val' | 'test';
/** `ok` decodes; `failed` does not (see `reason`); `excluded` was taken out by a person. */
export type ImageStatus = 'ok' | 'failed' | 'excluded';
/** How the pixels are stored: separate image files, CIFAR binary batches, or IDX (MNIST family). */
export type DatasetFormat = 'folder' | 'cifar-binary' | 'idx';

/** One image. In containers (CIFAR, IDX) `path` is `file#index`. */
export interface ImageRecord {
  /** Path below the dataset's root with `/` separators, as found on disk. */
  readonly path: string;
  /** Index into `Manifest.classes`; null in an OOD set or when unknown. */
  readonly classIndex: number | null;
  /** Split within an ID set; null in an OOD set. */
  readonly split: Split | null;
  readonly bytes: number;
  /** Pixels as displayed (after EXIF rotation); 0 when the header could not be read. */
  readonly width: number;
  readonly height: number;
  /** Hex SHA-256 of the file (of the record's pixel bytes in containers); '' when unreadable. */
  readonly sha256: string;
  readonly status: ImageStatus;
  /** Why `status` is not `ok`; '' otherwise. */
  readonly reason: string;
}

/** Result of scanning one folder. `images.length` = discovered = ok + failed + excluded. */
export interface Manifest {
  readonly schema: 'straylight.manifest/1';
  /** Folder name unless the user gave another. */
  readonly name: string;
  /** Absolute path. */
  readonly root: string;
  readonly role: DatasetRole;
  readonly format: DatasetFormat;
  /** Class names in natural order; empty for OOD. */
  readonly classes: readonly string[];
  readonly images: readonly ImageRecord[];
  /** Symbolic links met; never followed. */
  readonly symlinksSkipped: number;
  /** Files whose extension is not an image's (READMEs, archives); counted, not images. */
  readonly otherFiles: number;
  /** Whether train/val/test came from folders or from the seeded split. */
  readonly splitSource: 'folders' | 'seeded' | 'none';
  readonly splitSeed: number;
  /** Shares of the seeded split when they are not the usual ones. */
  readonly splitFractions?: { readonly val: number; readonly test: number };
  /** SHA-256 over (path, sha256, class, split) of the `ok` images in order: same data, same fingerprint. */
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly scannedAt: string;
}
