/** Bytes of an image file, any supported format, as a pipeline that gives upright RGB8. */
import { decode as decodeBmp } from 'bmp-ts';
import sharp, { type Sharp } from 'sharp';
import { READABLE_FORMATS } from '../datasets/image-files.ts';
import { DECODE_TIMEOUT_S, MAX_PIXELS } from './limits.ts';
import { sniffFormat } from './sniff.ts';
import { UnreadableImage } from './unreadable-image.ts';

// One image at a time in each worker: threads within libvips would only fight over the cores.
sharp.concurrency(1);
sharp.cache(false);

/** Width and height as displayed, after EXIF rotation. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface OpenImage extends ImageSize {
  /** Upright, RGB over black; the size is still that of the file. */
  readonly pixels: Sharp;
}

/**
 * Reads the header, checks it, and prepares decoding: EXIF rotation, alpha over black, grey, palette, CMYK and
 * 16 bits to sRGB8, first frame of animations, first page of TIFF.
 * @param known size found by an earlier look at the same bytes; saves reading the header again
 * @throws UnreadableImage
 */
export async function openImage(bytes: Uint8Array, known?: ImageSize): Promise<OpenImage> {
  if (bytes.length === 0) throw new UnreadableImage('file is empty');
  const format = sniffFormat(bytes);
  if (format === null)
    throw new UnreadableImage(`not an image in a known format (${READABLE_FORMATS})`);
  if (format === 'heic')
    throw new UnreadableImage('HEIC is not supported; convert it to JPEG or PNG');
  const { image, width, height } =
    format === 'bmp' ? openBmp(bytes) : await openEncoded(bytes, known);
  return { pixels: toUprightRgb(image), width, height };
}

/** Decoded pixels. */
export interface RgbImage extends ImageSize {
  /** `[height, width, 3]` */
  readonly rgb: Uint8Array;
}

/**
 * A small image, decoded at once: half the time of header first, then pixels.
 * @returns null when it is not small, not whole, or in need of another decoder
 */
export async function decodeSmall(bytes: Uint8Array, maxPixels: number): Promise<RgbImage | null> {
  const format = sniffFormat(bytes);
  if (format === null || format === 'bmp' || format === 'heic') return null;
  try {
    return await toRgb(
      toUprightRgb(sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels })),
    );
  } catch {
    return null;
  }
}

/** Runs a pipeline to its pixels. */
export async function toRgb(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

const toUprightRgb = (image: Sharp): Sharp =>
  image
    .timeout({ seconds: DECODE_TIMEOUT_S })
    .autoOrient()
    .flatten({ background: '#000000' })
    .toColourspace('srgb');

async function openEncoded(bytes: Uint8Array, known?: ImageSize) {
  // The cap is checked here, with a message that says so; libvips checks it once more.
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  if (known) return { image, ...known };
  const header = await sharp(bytes, { failOn: 'error', limitInputPixels: false }).metadata();
  const { width, height } = header.autoOrient;
  checkSize(width, height);
  return { image, width, height };
}

function openBmp(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54) throw new UnreadableImage('BMP header is cut off');
  // OS/2 headers (12 bytes) hold 16-bit sizes; a negative height means rows from the top.
  const short = view.getUint32(14, true) === 12;
  const width = short ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = Math.abs(short ? view.getUint16(20, true) : view.getInt32(22, true));
  checkSize(width, height);
  checkBmpLength(view, width, height, short);
  const { data } = decodeBmp(Buffer.from(bytes), { toRGBA: true });
  return {
    image: sharp(withoutAlpha(data), { raw: { width, height, channels: 3 } }),
    width,
    height,
  };
}

/** The fourth byte of a bitmap's pixel is seldom alpha and mostly 0, so it is not read as such. */
function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}

/** An uncompressed bitmap that is cut off would decode to whatever lies in memory. */
function checkBmpLength(view: DataView, width: number, height: number, short: boolean): void {
  const start = view.getUint32(10, true);
  const bits = view.getUint16(short ? 24 : 28, true);
  const compressed = !short && ![0, 3].includes(view.getUint32(30, true));
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (!compressed && view.byteLength < start + stride * height)
    throw new UnreadableImage('BMP is cut off');
}

function checkSize(width: number, height: number): void {
  if (!(width > 0 && height > 0)) throw new UnreadableImage('image has no pixels');
  if (width * height > MAX_PIXELS)
    throw new UnreadableImage(
      `${width} x ${height} pixels is over the limit of ${MAX_PIXELS / 1e6} megapixels`,
    );
}
