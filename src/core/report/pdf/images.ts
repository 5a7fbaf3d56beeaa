/** Pixels as images of the document. */
import sharp from 'sharp';
import { heatColour } from '../../explain/heat-picture.ts';

/** RGB8 `[height, width, 3]`. */
export interface Thumbnail {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Of a heat map: 0 to 255, row-major. */
export interface Heat {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * An image of about `pixels` a side: a small one enlarged without blur, so that the pixels that the network saw
 * can be seen (PNG); a large one reduced to what can be printed, or the report would grow with the images (JPEG).
 */
export function pictureOf({ data, width, height }: Thumbnail, pixels: number): Promise<Buffer> {
  const side = Math.max(width, height);
  const raw = sharp(data, { raw: { width, height, channels: 3 } });
  if (side > pixels)
    return raw
      .resize(Math.ceil(pixels), Math.ceil(pixels), { fit: 'inside' })
      .jpeg(JPEG)
      .toBuffer();
  const factor = Math.max(1, Math.floor(pixels / side));
  return raw
    .resize(width * factor, height * factor, { kernel: 'nearest' })
    .png({ compressionLevel: 9, adaptiveFiltering: false })
    .toBuffer();
}

const JPEG = { quality: 90, chromaSubsampling: '4:4:4' } as const;

/**
 * The image in grey under its heat map: from clear to bright along the lightness of the scale, so that it reads in
 * grey print too.
 */
export async function heatPicture(full: Thumbnail, heat: Heat, pixels: number): Promise<Buffer> {
  const image = await reduced(full, pixels);
  const side = Math.max(image.width, image.height);
  const scale = Math.max(1, Math.round(pixels / side));
  const width = image.width * scale;
  const height = image.height * scale;
  const map = await sharp(heat.data, {
    raw: { width: heat.width, height: heat.height, channels: 1 },
  })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const stride = map.info.channels;
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      const s = (Math.floor(y / scale) * image.width + Math.floor(x / scale)) * 3;
      const grey =
        0.2126 * image.data[s]! + 0.7152 * image.data[s + 1]! + 0.0722 * image.data[s + 2]!;
      const h = map.data[p * stride]! / 255;
      const colour = heatColour(h);
      const weight = 0.25 + 0.55 * h;
      for (let c = 0; c < 3; c++)
        out[p * 3 + c] = Math.round((1 - weight) * grey * 0.9 + weight * colour[c]!);
    }
  return sharp(out, { raw: { width, height, channels: 3 } })
    .jpeg(JPEG)
    .toBuffer();
}

/** No more pixels than are printed. */
async function reduced(image: Thumbnail, pixels: number): Promise<Thumbnail> {
  const { data, width, height } = image;
  if (Math.max(width, height) <= pixels) return image;
  const smaller = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(Math.ceil(pixels), Math.ceil(pixels), { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: smaller.data, width: smaller.info.width, height: smaller.info.height };
}

/** What a heat map of the audit holds. */
export const heatOf = (map: {
  readonly width: number;
  readonly height: number;
  readonly data: string;
}): Heat => ({
  width: map.width,
  height: map.height,
  data: new Uint8Array(Buffer.from(map.data, 'base64')),
});
