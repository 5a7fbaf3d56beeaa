/** What a scan learns of one image. */
import sharp, { type Sharp } from 'sharp';
import { MEASURED_SIDE, measureRgb, type Measurement } from '../datasets/analyse/measurements.ts';
import { decodeSmall, openImage, toRgb, type ImageSize, type RgbImage } from './open-image.ts';

const SMALL_PIXELS = 1_000_000;

/** Size of an image, and what its pixels are like when that was asked for. */
export interface Inspected extends ImageSize {
  readonly measurement?: Measurement;
}

/**
 * Reads an image to its last byte, so that a file that is cut off is found now and not in training.
 * @throws UnreadableImage, or the decoder's error
 */
export async function inspectImage(bytes: Uint8Array, measure = false): Promise<Inspected> {
  const small = await decodeSmall(bytes, SMALL_PIXELS);
  if (small) {
    const { width, height } = small;
    return measure ? { width, height, measurement: await measureImage(small) } : { width, height };
  }
  const { pixels, width, height } = await openImage(bytes);
  if (measure) {
    const reduced = await toRgb(reduce(pixels));
    return { width, height, measurement: measureRgb(reduced.rgb, reduced.width, reduced.height) };
  }
  // The smallest output: JPEG decodes at an eighth of its size, and still reads all of its data.
  await pixels.resize(8, 8, { fit: 'fill', kernel: 'nearest' }).raw().toBuffer();
  return { width, height };
}

/** Measures pixels of any size. */
export async function measureImage({ rgb, width, height }: RgbImage): Promise<Measurement> {
  if (Math.max(width, height) <= MEASURED_SIDE) return measureRgb(rgb, width, height);
  const reduced = await toRgb(reduce(sharp(rgb, { raw: { width, height, channels: 3 } })));
  return measureRgb(reduced.rgb, reduced.width, reduced.height);
}

const reduce = (image: Sharp): Sharp =>
  image.resize(MEASURED_SIDE, MEASURED_SIDE, { fit: 'inside', withoutEnlargement: true });
