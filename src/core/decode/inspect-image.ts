/** What a scan learns of one image. */
import { openImage } from './open-image.ts';

export interface ImageSize {
  /** As displayed, after EXIF rotation. */
  readonly width: number;
  readonly height: number;
}

/**
 * Reads an image to its last byte, so that a file that is cut off is found now and not in training.
 * @throws UnreadableImage, or the decoder's error
 */
export async function inspectImage(bytes: Uint8Array): Promise<ImageSize> {
  const { pixels, width, height } = await openImage(bytes);
  // The smallest output: JPEG decodes at an eighth of its size, and still reads all of its data.
  await pixels.resize(8, 8, { fit: 'fill', kernel: 'nearest' }).raw().toBuffer();
  return { width, height };
}
