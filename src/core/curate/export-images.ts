/**
 * Writes images, or the list of them, where a person says: aside first, then renamed, so that what appears is whole.
 * Nothing that is there is overwritten; a name that is taken gets a number.
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { link, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import sharp from 'sharp';
import { toCsv, type CsvCell } from '../csv.ts';
import { parseContainerPath, type ContainerImages } from '../datasets/containers/container.ts';
import { openContainers } from '../datasets/containers/read-container.ts';
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import { sha256Hex } from '../sha256.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import { diskError, errnoOf } from '../store/disk-errors.ts';
import { safeName, UniqueNames } from './safe-names.ts';

export type ExportMode = 'copy' | 'hard-link' | 'csv' | 'json';

/** What to export. */
export interface ExportRequest {
  /** With curation applied. */
  readonly manifest: Manifest;
  readonly ordinals: Iterable<number>;
  readonly mode: ExportMode;
  /** An existing folder. */
  readonly into: string;
  /** What people said about an image, for the list. */
  readonly marksOf: (ordinal: number) => {
    readonly scannedClass: string | null;
    readonly tags: readonly string[];
    readonly note: string;
    readonly flags: readonly string[];
  };
  readonly now: Date;
}

export interface ExportHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

export interface Exported {
  /** The folder or file that was written. */
  readonly path: string;
  readonly images: number;
  /** Could not be read, or changed since the scan; they are named in `failed.csv` of a folder. */
  readonly failed: number;
}

/**
 * @throws AppError `usage` when nothing is to be exported or the place lies within the dataset; `no-space`,
 *   `unreadable` with nothing left behind; `cancelled`, likewise
 */
export async function exportImages(
  request: ExportRequest,
  hooks: ExportHooks = {},
): Promise<Exported> {
  const { manifest, mode, into, now } = request;
  const ordinals = [...request.ordinals];
  if (ordinals.length === 0)
    throw new AppError('usage', `${manifest.name}: no image passes the filter, so there is nothing to export.`); // prettier-ignore
  const inside = path.relative(manifest.root, into);
  if (inside === '' || (inside.split(path.sep)[0] !== '..' && !path.isAbsolute(inside)))
    throw new AppError(
      'usage',
      `${into} lies within the dataset ${manifest.name}; the next scan would take the copies for new images. Choose a folder outside of ${manifest.root}.`,
    );
  const name = `${safeName(manifest.name)}-${now.toISOString().slice(0, 10)}`;
  if (mode === 'csv' || mode === 'json') {
    const file = reserveFile(into, name, `.${mode}`);
    try {
      await writeFileAtomic(file, listOf(request, ordinals, mode));
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
    return { path: file, images: ordinals.length, failed: 0 };
  }
  return exportFolder(request, ordinals, name, hooks);
}

/** Takes a name that is free by creating the file. */
function reserveFile(into: string, name: string, extension: string): string {
  for (let i = 1; ; i++) {
    const file = path.join(into, `${name}${i === 1 ? '' : `-${i}`}${extension}`);
    try {
      closeSync(openSync(file, 'wx'));
      return file;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, file, null);
    }
  }
}

const COLUMNS = [
  'path',
  'exported as',
  'class',
  'class as scanned',
  'split',
  'tags',
  'note',
  'flags',
  'width',
  'height',
  'bytes',
  'sha256',
] as const;

function rowOf(
  { manifest, marksOf }: ExportRequest,
  ordinal: number,
  exportedAs: string,
): readonly CsvCell[] {
  const image = manifest.images[ordinal]!;
  const { scannedClass, tags, note, flags } = marksOf(ordinal);
  return [
    image.path,
    exportedAs,
    classOf(manifest, image) ?? '',
    scannedClass ?? '',
    image.split ?? '',
    tags.join('; '),
    note,
    flags.join('; '),
    image.width,
    image.height,
    image.bytes,
    image.sha256,
  ];
}

const classOf = ({ classes }: Manifest, { classIndex }: ImageRecord): string | null =>
  classIndex === null ? null : (classes[classIndex] ?? null);

function listOf(request: ExportRequest, ordinals: readonly number[], mode: 'csv' | 'json'): string {
  const { manifest, marksOf, now } = request;
  if (mode === 'csv')
    return [
      ...toCsv(
        [...COLUMNS],
        ordinals.map((ordinal) => rowOf(request, ordinal, '')),
      ),
    ].join('');
  const images = ordinals.map((ordinal) => {
    const { path: imagePath, split, width, height, bytes, sha256 } = manifest.images[ordinal]!;
    const className = classOf(manifest, manifest.images[ordinal]!);
    return { path: imagePath, class: className, split, ...marksOf(ordinal), width, height, bytes, sha256 }; // prettier-ignore
  });
  const { name, role, root, classes, fingerprint } = manifest;
  const head = { schema: 'straylight.export/1', name, role, root, classes, fingerprint, exportedAt: now.toISOString() }; // prettier-ignore
  return `${JSON.stringify({ ...head, images }, null, 1)}\n`;
}

async function exportFolder(
  request: ExportRequest,
  ordinals: readonly number[],
  name: string,
  { signal, onProgress, onWarning }: ExportHooks,
): Promise<Exported> {
  const { manifest, into } = request;
  const final = await reserveFolder(into, name);
  const aside = path.join(into, `.${path.basename(final)}.tmp-${randomBytes(6).toString('hex')}`);
  const reporter = new PhaseReporter({
    phase: `Export ${manifest.name}`,
    total: ordinals.length,
    unit: 'images',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  const rows: (readonly CsvCell[])[] = [];
  const failures: (readonly CsvCell[])[] = [];
  const writer = new ImageWriter(request, aside, onWarning);
  try {
    await mkdir(aside);
    for (const [i, ordinal] of ordinals.entries()) {
      throwIfAborted(signal);
      const result = await writer.write(ordinal);
      if ('reason' in result) failures.push([manifest.images[ordinal]!.path, result.reason]);
      else rows.push(rowOf(request, ordinal, result.exportedAs));
      reporter.report(i + 1);
    }
    await writeFile(path.join(aside, 'images.csv'), toCsv([...COLUMNS], rows));
    if (failures.length > 0)
      await writeFile(path.join(aside, 'failed.csv'), toCsv(['path', 'reason'], failures));
    // The reserved folder is empty: POSIX replaces it by the rename, Windows wants it gone.
    if (process.platform === 'win32') await rm(final, { recursive: true });
    await rename(aside, final);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    await rm(final, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof AppError ? error : diskError(error, final, null);
  }
  return { path: final, images: rows.length, failed: failures.length };
}

async function reserveFolder(into: string, name: string): Promise<string> {
  for (let i = 1; ; i++) {
    const folder = path.join(into, i === 1 ? name : `${name}-${i}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, folder, null);
    }
  }
}

/** A hard link cannot be made: another disk, a file system without them, or too many on one file. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES']);

/** Writes images one by one below a folder. */
class ImageWriter {
  private readonly request: ExportRequest;
  private readonly folder: string;
  private readonly onWarning: ((text: string) => void) | undefined;
  private readonly names = new UniqueNames();
  private readonly folders = new Set<string>();
  private links: boolean;
  private open: ((file: string) => Promise<ContainerImages>) | null = null;
  private container: { readonly file: string; readonly images: ContainerImages } | null = null;

  constructor(
    request: ExportRequest,
    folder: string,
    onWarning: ((text: string) => void) | undefined,
  ) {
    this.request = request;
    this.folder = folder;
    this.onWarning = onWarning;
    this.links = request.mode === 'hard-link';
    if (this.links && request.manifest.format !== 'folder') {
      this.links = false;
      onWarning?.(
        `${request.manifest.name} is stored in container files; its images are written as PNG copies.`,
      );
    }
  }

  /** @throws what the target disk throws; what is wrong with the image is the result */
  async write(ordinal: number): Promise<{ exportedAs: string } | { reason: string }> {
    const { manifest } = this.request;
    const image = manifest.images[ordinal]!;
    const source = path.join(manifest.root, image.path);
    let bytes: Uint8Array;
    try {
      bytes =
        manifest.format === 'folder' ? await readUnchanged(source, image) : await this.asPng(image);
    } catch (error) {
      return { reason: messageOf(error) };
    }
    const exportedAs = this.place(image);
    try {
      await this.put(source, bytes, path.join(this.folder, exportedAs));
      return { exportedAs };
    } catch (error) {
      if (errnoOf(error) !== 'ENAMETOOLONG') throw error;
      return { reason: 'path is too long for this system' };
    }
  }

  private async put(source: string, bytes: Uint8Array, target: string): Promise<void> {
    await this.ensure(path.dirname(target));
    if (this.links) {
      try {
        await link(source, target);
        return;
      } catch (error) {
        if (!NO_LINK.has(errnoOf(error))) throw error;
        this.links = false;
        this.onWarning?.(
          `${this.request.into} cannot hold hard links to ${this.request.manifest.root} (${errnoOf(error)}); the images are copied instead.`,
        );
      }
    }
    await writeFile(target, bytes, { flag: 'wx' });
  }

  /** `split/class/name` of ID images, so that the folder can be registered; the path as it was otherwise. */
  private place(image: ImageRecord): string {
    const { manifest } = this.request;
    const className = classOf(manifest, image);
    const parts = image.path.split('/');
    const file = parts.pop()!;
    const name = safeName(manifest.format === 'folder' ? file : `${file.replaceAll('#', '-')}.png`);
    if (className === null) return this.names.take(parts.map(safeName).join('/'), name);
    const folder = image.split === null ? [className] : [image.split, className];
    return this.names.take(folder.map(safeName).join('/'), name);
  }

  private async ensure(folder: string): Promise<void> {
    if (this.folders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.folders.add(folder);
  }

  private async asPng(image: ImageRecord): Promise<Uint8Array> {
    const { root, format } = this.request.manifest;
    if (format === 'folder') throw new Error('is no container');
    const { file, index } = parseContainerPath(image.path);
    this.open ??= await openContainers(root, format);
    if (this.container?.file !== file) this.container = { file, images: await this.open(file) };
    const { images } = this.container;
    if (index >= images.available || sha256Hex(images.stored(index)) !== image.sha256)
      throw new Error('file has changed since the scan');
    const { width, height } = images;
    return sharp(images.rgb(index), { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  }
}

async function readUnchanged(file: string, { sha256 }: ImageRecord): Promise<Uint8Array> {
  if (!existsSync(file)) throw new Error('file is gone');
  if (!(await lstat(file)).isFile()) throw new Error('is not a regular file');
  const bytes = await readFile(file);
  if (sha256Hex(bytes) !== sha256) throw new Error('file has changed since the scan');
  return bytes;
}
