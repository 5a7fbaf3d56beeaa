/** One image to a square of RGB8. The only place where pixels are made, for training and scoring alike. */
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { openImage, type ImageSize } from './open-image.ts';
import type { DecodeSpec, ResizeMode } from './types.ts';

/** Changes whenever the same bytes would give other pixels; part of every cache key. */
export const DECODER_VERSION = 1;

const FIT: Readonly<Record<ResizeMode, 'fill' | 'cover' | 'contain'>> = {
  stretch: 'fill',
  'center-crop': 'cover',
  pad: 'contain',
};

/**
 * @param bytes a whole image file
 * @param known its size, from the scan of the same bytes
 * @returns `[size, size, 3]`, RGB
 * @throws UnreadableImage, or the decoder's error
 */
export async function decodeImage(
  bytes: Uint8Array,
  spec: DecodeSpec,
  known?: ImageSize,
): Promise<Uint8Array> {
  const { pixels, width, height } = await openImage(bytes, known);
  return toSquare(pixels, width, height, spec);
}

/**
 * @param rgb `[height, width, 3]`
 * @returns `[size, size, 3]`, RGB
 */
export function resizeRgb(
  rgb: Uint8Array,
  width: number,
  height: number,
  spec: DecodeSpec,
): Promise<Uint8Array> {
  return toSquare(sharp(rgb, { raw: { width, height, channels: 3 } }), width, height, spec);
}

/** Lanczos resampling; an image that has the size already is not resampled. `pad` fills with black. */
async function toSquare(
  image: Sharp,
  width: number,
  height: number,
  { size, resize }: DecodeSpec,
): Promise<Uint8Array> {
  const fits = width === size && height === size;
  const square = fits
    ? image
    : image.resize(size, size, { fit: FIT[resize], kernel: 'lanczos3', background: '#000000' });
  return square.removeAlpha().raw({ depth: 'uchar' }).toBuffer();
}
