/**
 * Small pictures to show. They are always decoded and made anew: no byte of a file that only claims to be an image
 * reaches a window.
 */
import { constants, openSync, closeSync, fstatSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { sha256Hex } from '../sha256.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { openImage, type RgbImage } from './open-image.ts';
import { UnreadableImage } from './unreadable-image.ts';

/** Changes whenever the same bytes would give another thumbnail; part of every cache key. */
export const THUMBNAIL_VERSION = 1;

const QUALITY = 85;

/** Not following links and not waiting for a pipe's other end. Windows lacks both flags: undefined counts as 0. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @param side longest side of the result, in pixels */
export function makeThumbnail({ rgb, width, height }: RgbImage, side: number): Promise<Uint8Array> {
  return encode(sharp(rgb, { raw: { width, height, channels: 3 } }), { width, height }, side);
}

/**
 * The thumbnail of a file that lies in a registered folder and still holds what was scanned.
 * @param source.root the folder's real path
 * @throws UnreadableImage when the file is a link, a pipe, outside the folder, or has changed
 */
export async function thumbnailOfFile(
  source: { readonly file: string; readonly sha256: string; readonly root: string },
  side: number,
): Promise<Uint8Array> {
  const bytes = readInside(source.root, source.file);
  if (sha256Hex(bytes) !== source.sha256)
    throw new UnreadableImage('file has changed since the scan');
  const { pixels, width, height } = await openImage(bytes);
  return encode(pixels, { width, height }, side);
}

/** Opens first and asks what it is then, so that nothing can be swapped in between. */
function readInside(root: string, file: string): Uint8Array {
  const real = realpathSync(file);
  const inside = path.relative(root, real);
  if (inside === '' || inside.split(path.sep)[0] === '..' || path.isAbsolute(inside))
    throw new UnreadableImage('lies outside the registered folder');
  if (real !== path.resolve(file)) throw new UnreadableImage('is a symbolic link');
  const handle = openSync(real, OPEN_FLAGS);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) throw new UnreadableImage('is not a regular file');
    if (stats.size > MAX_FILE_BYTES)
      throw new UnreadableImage(`file is larger than ${MAX_FILE_BYTES / 1024 ** 2} MiB`);
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Small images are enlarged by whole pixels, so that they stay what they are; large ones are reduced. */
async function encode(
  image: Sharp,
  { width, height }: { readonly width: number; readonly height: number },
  side: number,
): Promise<Uint8Array> {
  const factor = Math.floor(side / Math.max(width, height));
  const resized =
    factor >= 1
      ? image.resize(width * factor, height * factor, { fit: 'fill', kernel: 'nearest' })
      : image.resize(side, side, { fit: 'inside', kernel: 'lanczos3' });
  // Enlarged pixels have hard edges, which lossy coding would smear.
  const webp = factor > 1 ? { lossless: true, effort: 0 } : { quality: QUALITY, effort: 2 };
  return resized.removeAlpha().webp(webp).toBuffer();
}
