/** What a scan learns of one image. */
import { decodedSize, openImage, type ImageSize } from './open-image.ts';

const SMALL_PIXELS = 1_000_000;

/**
 * Reads an image to its last byte, so that a file that is cut off is found now and not in training.
 * @throws UnreadableImage, or the decoder's error
 */
export async function inspectImage(bytes: Uint8Array): Promise<ImageSize> {
  const small = await decodedSize(bytes, SMALL_PIXELS);
  if (small) return small;
  const { pixels, width, height } = await openImage(bytes);
  // The smallest output: JPEG decodes at an eighth of its size, and still reads all of its data.
  await pixels.resize(8, 8, { fit: 'fill', kernel: 'nearest' }).raw().toBuffer();
  return { width, height };
}
