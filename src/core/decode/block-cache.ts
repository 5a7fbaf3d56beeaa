/** Decoded blocks on disk, so that a set is decoded once. A cache file that does not verify is decoded anew. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ImageRecord } from '../datasets/types.ts';
import { sha256Hex } from '../sha256.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import { DECODER_VERSION } from './decode-image.ts';
import type { DecodeSpec } from './types.ts';
import { imageBytes, type FileBlock, type MemoryBlock, type PixelBlock } from './pixel-block.ts';

const headerSchema = z.object({ count: z.int(), size: z.int(), sha256: z.string() });

/** Same images in the same order and the same way of decoding, same key. */
export function blockKey(images: readonly ImageRecord[], { size, resize }: DecodeSpec): string {
  const hash = createHash('sha256');
  hash.update(`straylight.block/${DECODER_VERSION} ${size} ${resize}\n`);
  for (const { sha256, width, height } of images) hash.update(`${sha256} ${width} ${height}\n`);
  return hash.digest('hex');
}

/**
 * @param inMemoryUpTo bytes; a larger block stays in its file, of which only the size is checked then
 * @returns null when there is no such block, or it is damaged
 */
export async function readBlock(
  folder: string,
  key: string,
  inMemoryUpTo: number,
): Promise<PixelBlock | null> {
  try {
    const header = headerSchema.parse(JSON.parse(await readFile(headerFile(folder, key), 'utf8')));
    const bytes = header.count * imageBytes(header);
    if (bytes > inMemoryUpTo) {
      const file = pixelFile(folder, key);
      if ((await stat(file)).size !== bytes) return null;
      return { count: header.count, size: header.size, file, places: allPlaces(header.count) };
    }
    const data = await readFile(pixelFile(folder, key));
    const { count, size, sha256 } = header;
    if (data.length !== bytes || sha256Hex(data) !== sha256) return null;
    return { count, size, data };
  } catch {
    return null;
  }
}

/** Pixels first and the header last: a header that is there speaks of pixels that are whole. */
export async function writeBlock(
  folder: string,
  key: string,
  { count, size, data }: MemoryBlock,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(pixelFile(folder, key), data);
  const header = { count, size, sha256: sha256Hex(data) };
  await writeFileAtomic(headerFile(folder, key), JSON.stringify(header));
}

/**
 * Keeps a block whose pixels were written to {@link unfinishedFile} as they came.
 * @param sha256 of the pixels
 */
export async function keepBlockFile(
  folder: string,
  key: string,
  { count, size, file }: FileBlock,
  sha256: string,
): Promise<FileBlock> {
  const kept = pixelFile(folder, key);
  await rename(file, kept);
  await writeFileAtomic(headerFile(folder, key), JSON.stringify({ count, size, sha256 }));
  return { count, size, file: kept, places: allPlaces(count) };
}

/** Where a block is built that does not fit in memory. */
export const unfinishedFile = (folder: string, key: string): string =>
  path.join(folder, `${key}.unfinished.rgb8`);

const allPlaces = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

const pixelFile = (folder: string, key: string): string => path.join(folder, `${key}.rgb8`);
const headerFile = (folder: string, key: string): string => path.join(folder, `${key}.json`);
