/** From a folder to a manifest: every image one row, whatever is wrong with it. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import type { DecodePool } from '../decode/decode-pool.ts';
import { checkManifest, checkNotEmpty } from './checks.ts';
import { findContainers } from './containers/read-container.ts';
import { isImageFile } from './image-files.ts';
import { fingerprintOf } from './manifest.ts';
import { scanContainers } from './scan-containers.ts';
import { scanImageFiles } from './scan-image-files.ts';
import { emptyRecord, type FolderListing, type MeasurementListener } from './scanning.ts';
import { splitImages, type SplitFractions } from './split.ts';
import type { DatasetRole, Manifest } from './types.ts';
import { walk } from './walk.ts';

export interface ScanOptions {
  /** Default: the folder's name. */
  readonly name?: string;
  /** `auto` (default): in-distribution when at least two class folders hold most images. */
  readonly role?: DatasetRole | 'auto';
  /** Seed of the split where the folders give none. Default 1. */
  readonly splitSeed?: number;
  readonly splitFractions?: SplitFractions;
  readonly pool?: DecodePool;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
  /** Called for image files as they are read, with their place in the manifest; containers are measured later. */
  readonly onMeasured?: MeasurementListener;
}

/**
 * Lists a folder, reads every image in it once to the end, and writes down what it is.
 * @param root a folder
 * @throws AppError `not-found`, `unreadable`, or `invalid-data` when the folder as a whole cannot be used:
 * no images, none readable, or (as ID) fewer than two classes, a class with fewer than two images, or two
 * classes whose names differ only in case
 */
export async function scanFolder(root: string, options: ScanOptions = {}): Promise<Manifest> {
  const absolute = path.resolve(root);
  const name = options.name ?? path.basename(absolute);
  const { role = 'auto', splitSeed = 1, splitFractions, signal, onProgress } = options;
  checkFolder(absolute);
  const listing = await list(absolute, name, signal, onProgress);
  const containers = findContainers(listing.files);
  if (!containers) checkNotEmpty(absolute, listing);
  else if (listing.images.length > 0) checkNotMixed(absolute, containers.files[0]!.path);
  const scan = { root: absolute, name, role, listing, options };
  const scanned = containers ? await scanContainers(scan, containers) : await scanImageFiles(scan);

  // Where the folder is gone as a whole, its images did not fail one by one.
  checkFolder(absolute);
  const { format, classes, foldersGiveSplits } = scanned;
  const isId = scanned.role === 'id';
  const unreadable = listing.unreadable.map(({ path: folder, reason }) => ({
    ...emptyRecord(folder),
    reason,
  }));
  const rows = [...scanned.images, ...unreadable];
  const images = isId ? splitImages(rows, splitSeed, splitFractions) : rows;
  const manifest: Manifest = {
    schema: 'straylight.manifest/1',
    name,
    root: absolute,
    role: scanned.role,
    format,
    classes,
    images,
    symlinksSkipped: listing.symlinks,
    otherFiles: containers
      ? listing.files.length - containers.files.length
      : listing.files.length - listing.images.length,
    splitSource: isId ? (foldersGiveSplits ? 'folders' : 'seeded') : 'none',
    splitSeed,
    ...(isId && splitFractions ? { splitFractions } : {}),
    fingerprint: fingerprintOf(images, classes),
    scannedAt: new Date().toISOString(),
  };
  checkManifest(manifest);
  return manifest;
}

function checkFolder(root: string): void {
  let stats;
  try {
    stats = statSync(root);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new AppError('not-found', `There is no folder ${root}. Check the path.`, { cause });
    throw new AppError('unreadable', `${root} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (!stats.isDirectory())
    throw new AppError('invalid-data', `${root} is a file. Give the folder that holds the images.`);
}

async function list(
  root: string,
  name: string,
  signal: AbortSignal | undefined,
  listener: ProgressListener | undefined,
): Promise<FolderListing> {
  const files: string[] = [];
  const images: string[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  let symlinks = 0;
  const phase = `List ${name}`;
  const reporter = new PhaseReporter({
    phase,
    total: null,
    unit: 'files',
    from: 0,
    to: 0,
    listener,
  });
  try {
    for await (const entry of walk(root, signal)) {
      throwIfAborted(signal);
      if (entry.kind === 'symlink') symlinks++;
      if (entry.kind === 'unreadable-folder')
        unreadable.push({
          path: entry.path,
          reason: `folder cannot be listed: ${entry.error.message}`,
        });
      if (entry.kind !== 'file') continue;
      files.push(entry.path);
      if (isImageFile(entry.path)) images.push(entry.path);
      reporter.report(files.length);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'unreadable',
      `${root} cannot be listed: ${messageOf(cause)}. Check its permissions.`,
      { cause },
    );
  }
  return { files, images, symlinks, unreadable };
}

function checkNotMixed(root: string, container: string): void {
  throw new AppError(
    'invalid-data',
    `${root} holds both image files and ${container}, so it is unclear which is meant. Put them in folders of their own.`,
  );
}
