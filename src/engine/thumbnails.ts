/** Small pictures for windows: from the cache, or decoded and encoded anew. */
import { mkdir, readFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { parseContainerPath } from '../core/datasets/containers/container.ts';
import { openContainers } from '../core/datasets/containers/read-container.ts';
import { sharedDecodePool } from '../core/decode/decode-pool.ts';
import type { ContainerImages } from '../core/datasets/containers/container.ts';
import type { DecodeJob } from '../core/decode/jobs.ts';
import { THUMBNAIL_VERSION } from '../core/decode/thumbnail.ts';
import { AppError, messageOf } from '../core/errors.ts';
import { sha256Hex } from '../core/sha256.ts';
import { writeFileAtomic } from '../core/store/atomic.ts';
import type { DatasetRow } from '../core/store/datasets.ts';
import type { EngineContext } from './context.ts';

const TYPE = 'image/webp';
/** Sizes that are made; others are rounded up, so that the cache holds few of each image. */
const SIDES = [64, 128, 256, 512, 1024] as const;

export interface WantedThumbnail {
  readonly datasetId: string;
  readonly ordinal: number;
  readonly size: number;
}

/**
 * @throws AppError `not-found` when there is no such image; `unreadable` when the file is gone, changed, not a
 *   regular file of the registered folder, or does not decode
 */
export async function thumbnail(
  { workspace }: EngineContext,
  { datasetId, ordinal, size }: WantedThumbnail,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: typeof TYPE }> {
  const dataset = workspace.getDataset(datasetId);
  const [record] = workspace.loadRecords(dataset.id, [ordinal]);
  const { sha256 } = record!;
  if (sha256 === '')
    throw new AppError('unreadable', `${record!.path} cannot be shown: ${record!.reason}.`);
  const side = SIDES.find((known) => known >= size) ?? SIDES.at(-1)!;
  const folder = path.join(workspace.cacheFolder(), 'thumbnails', sha256.slice(0, 2));
  const cached = path.join(folder, `${sha256}-${side}-${THUMBNAIL_VERSION}.webp`);
  const known = await readFile(cached).catch(() => null);
  if (known && known.length > 0) return { bytes: new Uint8Array(known), type: TYPE };
  const answer = await sharedDecodePool().run(await jobFor(dataset, record!.path, sha256, side));
  if (answer.kind !== 'thumbnail') {
    const reason = answer.kind === 'failed' ? answer.reason : 'no answer';
    throw new AppError('unreadable', `${record!.path} cannot be shown: ${reason}.`);
  }
  // Without room for a cache the picture is shown all the same.
  await mkdir(folder, { recursive: true })
    .then(() => writeFileAtomic(cached, answer.webp))
    .catch(() => undefined);
  return { bytes: new Uint8Array(answer.webp), type: TYPE };
}

async function jobFor(
  dataset: DatasetRow,
  imagePath: string,
  sha256: string,
  side: number,
): Promise<DecodeJob> {
  let root: string;
  try {
    root = realpathSync(dataset.root);
  } catch (cause) {
    throw new AppError(
      'unreadable',
      `${dataset.name}: its folder ${dataset.root} is not there. Connect the disk, or remove the dataset.`,
      { cause },
    );
  }
  if (dataset.format === 'folder')
    return { kind: 'thumbnail', side, source: { file: path.join(root, imagePath), sha256, root } };
  const { file, index } = parseContainerPath(imagePath);
  const container = await containerOf(dataset, root, file);
  if (index >= container.available || sha256Hex(container.stored(index)) !== sha256)
    throw new AppError(
      'unreadable',
      `${imagePath} cannot be shown: file has changed since the scan. Scan ${dataset.name} again.`,
    );
  const { width, height } = container;
  return { kind: 'thumbnail', side, source: { rgb: container.rgb(index), width, height } };
}

/** The container read last: the next thumbnail is mostly of the same one. */
let latest: { readonly key: string; readonly images: Promise<ContainerImages> } | null = null;

async function containerOf(
  { format, scannedAt }: DatasetRow,
  root: string,
  file: string,
): Promise<ContainerImages> {
  if (format === 'folder') throw new AppError('internal', `${file} is no container.`);
  const key = `${root}\0${file}\0${scannedAt}`;
  if (latest?.key !== key) {
    const images = openContainers(root, format).then((open) => open(file));
    latest = { key, images };
  }
  try {
    return await latest.images;
  } catch (cause) {
    latest = null;
    if (cause instanceof AppError) throw cause;
    throw new AppError('unreadable', `${file} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}
