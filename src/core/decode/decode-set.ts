/** Many images into one block of pixels. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import path from 'node:path';
import { parseContainerPath } from '../datasets/containers/container.ts';
import { openContainers } from '../datasets/containers/read-container.ts';
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import { sha256Hex } from '../sha256.ts';
import { blockKey, keepBlockFile, readBlock, unfinishedFile, writeBlock } from './block-cache.ts';
import { sharedDecodePool, type DecodePool } from './decode-pool.ts';
import type { DecodeAnswer } from './jobs.ts';
import { imageBytes, inMemory, type PixelBlock } from './pixel-block.ts';
import type { DecodedSet, DecodeFailure, DecodeSpec } from './types.ts';

export interface DecodeOptions {
  /** Where decoded blocks are kept; nothing is kept when not given. */
  readonly cacheDir?: string;
  readonly pool?: DecodePool;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
  /** A larger block is kept in a file of `cacheDir` and read from there; half of the free memory when not given. */
  readonly inMemoryUpTo?: number;
}

/** Where images are, without the list of them. */
export type ImageSource = Pick<Manifest, 'name' | 'root' | 'format'>;

/**
 * Decodes images of a manifest. An image that is gone, damaged or changed since the scan is a failure with a
 * reason; the rest goes on.
 * @param images records of `manifest`, in the order of the rows wanted
 * A block that would take more than half of the free memory goes to a file and is read from there.
 * @throws AppError `no-space` when it fits nowhere; `cancelled`
 */
export async function decodeSet(
  manifest: ImageSource,
  images: readonly ImageRecord[],
  spec: DecodeSpec,
  { cacheDir, pool, signal, onProgress, inMemoryUpTo = freemem() / 2 }: DecodeOptions = {},
): Promise<DecodedSet> {
  const key = blockKey(images, spec);
  const cached = cacheDir === undefined ? null : await readBlock(cacheDir, key, inMemoryUpTo);
  if (cached?.count === images.length)
    return { block: cached, rows: Int32Array.from(images, (_, i) => i), failures: [] };

  const bytes = images.length * imageBytes(spec);
  const file =
    bytes > inMemoryUpTo && cacheDir !== undefined ? unfinishedFile(cacheDir, key) : null;
  if (bytes > inMemoryUpTo) await checkSpace(manifest.name, images.length, spec.size, cacheDir);
  const sink =
    file === null ? new MemorySink(images, spec.size) : new FileSink(images, spec.size, file);
  const reporter = new PhaseReporter({
    phase: `Decode ${manifest.name}`,
    total: images.length,
    unit: 'images',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  let done = 0;
  const onAnswer = (answer: DecodeAnswer, index: number): void => {
    if (answer.kind === 'pixels') sink.put(index, answer.pixels);
    else sink.fail(index, answer.kind === 'failed' ? answer.reason : 'no pixels');
    reporter.report(++done);
  };
  const workers = pool ?? sharedDecodePool();
  try {
    if (manifest.format === 'folder')
      await workers.forEach(
        images,
        ({ path: file, sha256, width, height }) => ({
          kind: 'decode',
          file: path.join(manifest.root, file),
          sha256,
          size: { width, height },
          spec,
        }),
        onAnswer,
        signal,
      );
    else await decodeContainers(manifest, images, spec, workers, onAnswer, signal);
  } catch (error) {
    sink.discard();
    throw error;
  }

  const decoded = await sink.finish();
  // A block with holes is not kept: the next attempt may find the files again.
  if (cacheDir === undefined || decoded.failures.length > 0) return decoded;
  if (inMemory(decoded.block)) {
    await writeBlock(cacheDir, key, decoded.block);
    return decoded;
  }
  const sha256 = await sha256OfFile(decoded.block.file);
  return { ...decoded, block: await keepBlockFile(cacheDir, key, decoded.block, sha256) };
}

async function decodeContainers(
  { root, format }: ImageSource,
  images: readonly ImageRecord[],
  spec: DecodeSpec,
  pool: DecodePool,
  onAnswer: (answer: DecodeAnswer, index: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (format === 'folder') return;
  const byFile = new Map<string, { record: ImageRecord; row: number; index: number }[]>();
  for (const [row, record] of images.entries()) {
    const { file, index } = parseContainerPath(record.path);
    const entries = byFile.get(file) ?? [];
    entries.push({ record, row, index });
    byFile.set(file, entries);
  }
  const open = await openContainers(root, format);
  for (const [file, entries] of byFile) {
    throwIfAborted(signal);
    let container;
    try {
      container = await open(file);
    } catch (error) {
      const reason = messageOf(error);
      for (const { row } of entries) onAnswer({ kind: 'failed', reason }, row);
      continue;
    }
    const { width, height, available } = container;
    const usable = entries.filter(({ record, row, index }) => {
      const same = index < available && sha256Hex(container.stored(index)) === record.sha256;
      if (!same) onAnswer({ kind: 'failed', reason: 'file has changed since the scan' }, row);
      return same;
    });
    if (width === spec.size && height === spec.size)
      for (const { row, index } of usable)
        onAnswer({ kind: 'pixels', pixels: container.rgb(index) }, row);
    else
      await pool.forEach(
        usable,
        ({ index }) => ({ kind: 'resize', rgb: container.rgb(index), width, height, spec }),
        (answer, i) => onAnswer(answer, usable[i]!.row),
        signal,
      );
  }
}

/** Collects pixels and failures as they come, in any order. */
abstract class BlockSink {
  readonly size: number;
  protected readonly filled: Uint8Array;
  private readonly images: readonly ImageRecord[];
  private readonly failures: DecodeFailure[] = [];

  constructor(images: readonly ImageRecord[], size: number) {
    this.images = images;
    this.size = size;
    this.filled = new Uint8Array(images.length);
  }

  put(index: number, pixels: Uint8Array): void {
    this.write(pixels, index * imageBytes(this));
    this.filled[index] = 1;
  }

  fail(index: number, reason: string): void {
    this.failures.push({ index, path: this.images[index]!.path, reason });
  }

  async finish(): Promise<DecodedSet> {
    const failures = this.failures.sort((a, b) => a.index - b.index);
    const rows = Int32Array.from([...this.filled.keys()].filter((i) => this.filled[i] === 1));
    return { block: await this.blockOf(rows), rows, failures };
  }

  /** Gives up what was collected. */
  discard(): void {
    // Memory is garbage collected.
  }

  protected abstract write(pixels: Uint8Array, at: number): void;
  /** @param rows which of the images asked for have pixels */
  protected abstract blockOf(rows: Int32Array): PixelBlock | Promise<PixelBlock>;
}

class MemorySink extends BlockSink {
  private readonly data: Uint8Array;

  constructor(images: readonly ImageRecord[], size: number) {
    super(images, size);
    this.data = new Uint8Array(images.length * imageBytes(this));
  }

  protected write(pixels: Uint8Array, at: number): void {
    this.data.set(pixels, at);
  }

  /** Closes the gaps that failures leave. */
  protected blockOf(rows: Int32Array): PixelBlock {
    const bytes = imageBytes(this);
    for (const [row, index] of rows.entries())
      if (row !== index) this.data.copyWithin(row * bytes, index * bytes, (index + 1) * bytes);
    return {
      count: rows.length,
      size: this.size,
      data: this.data.subarray(0, rows.length * bytes),
    };
  }
}

class FileSink extends BlockSink {
  private readonly file: string;
  private readonly descriptor: number;

  constructor(images: readonly ImageRecord[], size: number, file: string) {
    super(images, size);
    mkdirSync(path.dirname(file), { recursive: true });
    this.file = file;
    this.descriptor = openSync(file, 'w');
  }

  protected write(pixels: Uint8Array, at: number): void {
    writeSync(this.descriptor, pixels, 0, pixels.length, at);
  }

  override discard(): void {
    closeSync(this.descriptor);
    rmSync(this.file, { force: true });
  }

  protected blockOf(rows: Int32Array): PixelBlock {
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    return { count: rows.length, size: this.size, file: this.file, places: rows };
  }
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** @throws AppError `no-space` when neither memory nor the disk has room for a block */
async function checkSpace(
  name: string,
  images: number,
  size: number,
  cacheDir: string | undefined,
): Promise<void> {
  const bytes = images * imageBytes({ size });
  const gigabytes = (n: number): string => (n / 1e9).toFixed(1);
  const needs = `${name}: ${images.toLocaleString('en-US')} images of ${size} x ${size} pixels take ${gigabytes(bytes)} GB decoded, more than half of the ${gigabytes(freemem())} GB of free memory`;
  const advice = 'Choose a smaller input size (--size) or a smaller set';
  if (cacheDir === undefined) throw new AppError('invalid-data', `${needs}. ${advice}.`);
  await mkdir(cacheDir, { recursive: true });
  const { bavail, bsize } = await statfs(cacheDir);
  if (bytes > 0.9 * bavail * bsize)
    throw new AppError(
      'no-space',
      `${needs}, and the disk of ${cacheDir} has ${gigabytes(bavail * bsize)} GB left. ${advice}, or free some space.`,
    );
}
