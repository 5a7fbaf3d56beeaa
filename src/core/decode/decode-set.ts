/** Many images into one block of pixels. */
import { freemem } from 'node:os';
import path from 'node:path';
import { parseContainerPath } from '../datasets/containers/container.ts';
import { openContainers } from '../datasets/containers/read-container.ts';
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import { sha256Hex } from '../sha256.ts';
import { blockKey, readBlock, writeBlock } from './block-cache.ts';
import { sharedDecodePool, type DecodePool } from './decode-pool.ts';
import type { DecodeAnswer } from './jobs.ts';
import type { DecodedSet, DecodeFailure, DecodeSpec } from './types.ts';

export interface DecodeOptions {
  /** Where decoded blocks are kept; nothing is kept when not given. */
  readonly cacheDir?: string;
  readonly pool?: DecodePool;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/**
 * Decodes images of a manifest. An image that is gone, damaged or changed since the scan is a failure with a
 * reason; the rest goes on.
 * @param images records of `manifest`, in the order of the rows wanted
 * @throws AppError `invalid-data` when the block would not fit in memory; `cancelled`
 */
export async function decodeSet(
  manifest: Manifest,
  images: readonly ImageRecord[],
  spec: DecodeSpec,
  { cacheDir, pool, signal, onProgress }: DecodeOptions = {},
): Promise<DecodedSet> {
  const key = blockKey(images, spec);
  const cached = cacheDir === undefined ? null : await readBlock(cacheDir, key);
  if (cached?.count === images.length)
    return { block: cached, rows: Int32Array.from(images, (_, i) => i), failures: [] };

  checkMemory(manifest.name, images.length, spec.size);
  const sink = new BlockSink(images, spec.size);
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

  const decoded = sink.finish();
  // A block with holes is not kept: the next attempt may find the files again.
  if (cacheDir !== undefined && decoded.failures.length === 0)
    await writeBlock(cacheDir, key, decoded.block);
  return decoded;
}

async function decodeContainers(
  { root, format }: Manifest,
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

/** Collects rows as they come and closes the gaps that failures leave. */
class BlockSink {
  private readonly images: readonly ImageRecord[];
  private readonly size: number;
  private readonly data: Uint8Array;
  private readonly filled: Uint8Array;
  private readonly failures: DecodeFailure[] = [];

  constructor(images: readonly ImageRecord[], size: number) {
    this.images = images;
    this.size = size;
    this.data = new Uint8Array(images.length * this.imageBytes);
    this.filled = new Uint8Array(images.length);
  }

  private get imageBytes(): number {
    return this.size * this.size * 3;
  }

  put(index: number, pixels: Uint8Array): void {
    this.data.set(pixels, index * this.imageBytes);
    this.filled[index] = 1;
  }

  fail(index: number, reason: string): void {
    this.failures.push({ index, path: this.images[index]!.path, reason });
  }

  finish(): DecodedSet {
    const { imageBytes, size, failures } = this;
    failures.sort((a, b) => a.index - b.index);
    const rows = Int32Array.from([...this.filled.keys()].filter((i) => this.filled[i] === 1));
    for (const [row, index] of rows.entries())
      if (row !== index)
        this.data.copyWithin(row * imageBytes, index * imageBytes, (index + 1) * imageBytes);
    const data = this.data.subarray(0, rows.length * imageBytes);
    return { block: { count: rows.length, size, data }, rows, failures };
  }
}

function checkMemory(name: string, images: number, size: number): void {
  const bytes = images * size * size * 3;
  const free = freemem();
  if (bytes <= free / 2) return;
  const gigabytes = (n: number): string => (n / 1e9).toFixed(1);
  throw new AppError(
    'invalid-data',
    `${name}: ${images.toLocaleString('en-US')} images of ${size} x ${size} pixels take ${gigabytes(bytes)} GB decoded, more than half of the ${gigabytes(free)} GB of free memory. Choose a smaller input size (--size) or a smaller set.`,
  );
}
