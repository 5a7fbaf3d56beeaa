/** Corruptions that look at one pixel at a time, and JPEG. */
import sharp from 'sharp';
import type { Random } from '../random.ts';

const toByte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/** @param deviation of pixel values from 0 to 1; every channel of every pixel on its own */
export const addGaussianNoise = (rgb: Uint8Array, deviation: number, random: Random): Uint8Array =>
  rgb.map((value) => toByte(value + 255 * deviation * random.normal()));

/**
 * HSV with `by` added to its value, at most 1. Hue and saturation stay, so that the three channels of a pixel grow by
 * one factor; black, which has neither, turns grey.
 * @param by 0 to 1
 */
export function brighten(rgb: Uint8Array, by: number): Uint8Array {
  const result = new Uint8Array(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const value = Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
    const brighter = Math.min(255, value + 255 * by);
    for (let c = at; c < at + 3; c++)
      result[c] = toByte(value === 0 ? brighter : (rgb[c]! * brighter) / value);
  }
  return result;
}

/**
 * To JPEG and back, with halved chroma as Pillow's default.
 * @param quality 1 to 100
 */
export async function compressJpeg(
  rgb: Uint8Array,
  size: number,
  quality: number,
): Promise<Uint8Array> {
  const jpeg = await sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
  return sharp(jpeg).toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' }).toBuffer();
}
