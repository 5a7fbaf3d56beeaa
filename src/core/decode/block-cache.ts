/** Decoded blocks on disk, so that a set is decoded once. A cache file that does not verify is decoded anew. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ImageRecord } from '../datasets/types.ts';
import { sha256Hex } from '../sha256.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import { DECODER_VERSION } from './decode-image.ts';
import type { DecodeSpec, PixelBlock } from './types.ts';

const headerSchema = z.object({ count: z.int(), size: z.int(), sha256: z.string() });

/** Same images in the same order and the same way of decoding, same key. */
export function blockKey(images: readonly ImageRecord[], { size, resize }: DecodeSpec): string {
  const hash = createHash('sha256');
  hash.update(`straylight.block/${DECODER_VERSION} ${size} ${resize}\n`);
  for (const { sha256, width, height } of images) hash.update(`${sha256} ${width} ${height}\n`);
  return hash.digest('hex');
}

/** @returns null when there is no such block, or it is damaged */
export async function readBlock(folder: string, key: string): Promise<PixelBlock | null> {
  try {
    const header = headerSchema.parse(JSON.parse(await readFile(headerFile(folder, key), 'utf8')));
    const data = await readFile(pixelFile(folder, key));
    const { count, size, sha256 } = header;
    if (data.length !== count * size * size * 3 || sha256Hex(data) !== sha256) return null;
    return { count, size, data };
  } catch {
    return null;
  }
}

/** Pixels first and the header last: a header that is there speaks of pixels that are whole. */
export async function writeBlock(
  folder: string,
  key: string,
  { count, size, data }: PixelBlock,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(pixelFile(folder, key), data);
  const header = { count, size, sha256: sha256Hex(data) };
  await writeFileAtomic(headerFile(folder, key), JSON.stringify(header));
}

const pixelFile = (folder: string, key: string): string => path.join(folder, `${key}.rgb8`);
const headerFile = (folder: string, key: string): string => path.join(folder, `${key}.json`);
