/** One decoder for everything: formats, rotation, transparency, depth, resizing; and images that are not. */
import { deflateSync, crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/core/decode/decode-image.ts';
import { inspectImage } from '../../../src/core/decode/inspect-image.ts';
import type { DecodeSpec } from '../../../src/core/decode/types.ts';

const SIZE = 16;
const spec = (resize: DecodeSpec['resize'] = 'stretch', size = SIZE): DecodeSpec => ({
  size,
  resize,
});
/** Left half red, right half blue; top row green. */
const picture = (width: number, height: number): Uint8Array => {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.set(
        y === 0 ? [0, 255, 0] : x < width / 2 ? [255, 0, 0] : [0, 0, 255],
        (y * width + x) * 3,
      );
  return data;
};
const image = (width = SIZE, height = SIZE) =>
  sharp(picture(width, height), { raw: { width, height, channels: 3 } });
const pixel = (rgb: Uint8Array, x: number, y: number, size = SIZE): number[] => [
  ...rgb.subarray((y * size + x) * 3, (y * size + x) * 3 + 3),
];
const near = (actual: readonly number[], expected: readonly number[], tolerance: number): void => {
  for (const [i, value] of expected.entries())
    expect(
      Math.abs(actual[i]! - value),
      `${actual.join()} is not ${expected.join()}`,
    ).toBeLessThanOrEqual(tolerance);
};

/** A bottom-up 24-bit bitmap, written by its definition. */
function bmp(width: number, height: number, rgb: Uint8Array): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const out = Buffer.alloc(54 + stride * height);
  out.write('BM');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = 54 + (height - 1 - y) * stride + x * 3;
      out[to] = rgb[from + 2]!;
      out[to + 1] = rgb[from + 1]!;
      out[to + 2] = rgb[from]!;
    }
  return out;
}

describe('formats', () => {
  it.each([
    ['PNG', () => image().png().toBuffer(), 0],
    ['palette PNG', () => image().png({ palette: true }).toBuffer(), 4],
    ['TIFF', () => image().tiff({ compression: 'lzw' }).toBuffer(), 0],
    ['GIF', () => image().gif().toBuffer(), 8],
    ['lossless WebP', () => image().webp({ lossless: true }).toBuffer(), 0],
    ['lossless AVIF', () => image().avif({ lossless: true }).toBuffer(), 12],
    ['BMP', () => Promise.resolve(bmp(SIZE, SIZE, picture(SIZE, SIZE))), 0],
  ])('%s', async (_, encode, tolerance) => {
    const bytes = await encode();
    expect(await inspectImage(bytes)).toEqual({ width: SIZE, height: SIZE });
    const rgb = await decodeImage(bytes, spec());
    expect(rgb).toHaveLength(SIZE * SIZE * 3);
    near(pixel(rgb, 3, 0), [0, 255, 0], tolerance);
    near(pixel(rgb, 2, 8), [255, 0, 0], tolerance);
    near(pixel(rgb, 13, 8), [0, 0, 255], tolerance);
  });

  it('JPEG, grey and CMYK', async () => {
    const grey = await sharp(Buffer.alloc(SIZE * SIZE, 128), {
      raw: { width: SIZE, height: SIZE, channels: 1 },
    })
      .jpeg({ quality: 100 })
      .toBuffer();
    near(pixel(await decodeImage(grey, spec()), 5, 5), [128, 128, 128], 2);
    const red = await sharp({
      create: { width: SIZE, height: SIZE, channels: 3, background: '#ff0000' },
    })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(red).metadata()).channels).toBe(4);
    const [r, g, b] = pixel(await decodeImage(red, spec()), 5, 5) as [number, number, number];
    // There and back through CMYK keeps the hue, not the exact value.
    expect(r).toBeGreaterThan(200);
    expect(Math.max(g, b)).toBeLessThan(90);
  });

  it('16 bits become 8: the upper byte', async () => {
    const values = Uint16Array.from({ length: SIZE * SIZE * 3 }, () => 0x8042);
    const png = await sharp(values, { raw: { width: SIZE, height: SIZE, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    near(pixel(await decodeImage(png, spec()), 4, 4), [0x80, 0x80, 0x80], 1);
  });

  it('transparency lies over black', async () => {
    const rgba = Uint8Array.from(
      { length: SIZE * SIZE * 4 },
      (_, i) => [200, 100, 50, 128][i % 4]!,
    );
    const png = await sharp(rgba, { raw: { width: SIZE, height: SIZE, channels: 4 } })
      .png()
      .toBuffer();
    // 128 / 255 of each value.
    near(pixel(await decodeImage(png, spec()), 4, 4), [100, 50, 25], 1);
  });

  it('EXIF rotation is applied before anything else', async () => {
    // Orientation 6: stored lying on its side; upright it is 8 wide and 24 high.
    const stored = await image(24, 8).withMetadata({ orientation: 6 }).png().toBuffer();
    expect(await inspectImage(stored)).toEqual({ width: 8, height: 24 });
    const rgb = await decodeImage(stored, spec('pad', 24));
    // Turned clockwise, the stored top row is the rightmost column.
    near(pixel(rgb, 15, 12, 24), [0, 255, 0], 60);
    near(pixel(rgb, 0, 12, 24), [0, 0, 0], 0);
  });

  it('animations give their first frame', async () => {
    const frame = (level: number) =>
      sharp({
        create: {
          width: SIZE,
          height: SIZE,
          channels: 3,
          background: { r: level, g: level, b: level },
        },
      })
        .png()
        .toBuffer();
    const gif = await sharp([await frame(250), await frame(10)], { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    near(pixel(await decodeImage(gif, spec()), 4, 4), [250, 250, 250], 6);
  });

  it('the content decides, not the extension: the decoder never sees a name', async () => {
    expect(await inspectImage(await image().jpeg().toBuffer())).toEqual({
      width: SIZE,
      height: SIZE,
    });
  });
});

describe('resizing', () => {
  const wide = () => image(64, 16).png().toBuffer();

  it('stretch uses the whole image', async () => {
    const rgb = await decodeImage(await wide(), spec('stretch'));
    near(pixel(rgb, 1, 10), [255, 0, 0], 8);
    near(pixel(rgb, 14, 10), [0, 0, 255], 8);
  });

  it('center-crop keeps the middle at its aspect', async () => {
    const rgb = await decodeImage(await wide(), spec('center-crop'));
    // The middle 16 of 64 columns: colours meet in the middle, and nothing is squeezed.
    near(pixel(rgb, 6, 10), [255, 0, 0], 0);
    near(pixel(rgb, 9, 10), [0, 0, 255], 0);
  });

  it('pad adds black bars', async () => {
    const rgb = await decodeImage(await wide(), spec('pad'));
    near(pixel(rgb, 8, 0), [0, 0, 0], 0);
    near(pixel(rgb, 8, 15), [0, 0, 0], 0);
    expect(pixel(rgb, 2, 8)[0]).toBeGreaterThan(200);
  });

  it('an image of the right size is not resampled', async () => {
    const rgb = await decodeImage(await image().png().toBuffer(), spec());
    expect([...rgb]).toEqual([...picture(SIZE, SIZE)]);
  });
});

/** A PNG that says it is huge, by its definition; there is no data behind the header. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('what cannot be used', () => {
  it.each([
    ['an empty file', () => Promise.resolve(Buffer.alloc(0)), /file is empty/],
    ['text', () => Promise.resolve(Buffer.from('hello, this is no image at all')), /not an image/],
    [
      '30,000 x 30,000 pixels',
      () => Promise.resolve(hugePng(30_000, 30_000)),
      /over the limit of 100 megapixels/,
    ],
    [
      'HEIC',
      () =>
        Promise.resolve(
          Buffer.concat([
            Buffer.from([0, 0, 0, 24]),
            Buffer.from('ftypheic\0\0\0\0mif1heic'),
            Buffer.alloc(40),
          ]),
        ),
      /HEIC is not supported; convert it to JPEG or PNG/,
    ],
    ['a PNG cut in half', async () => half(await noisy().png().toBuffer()), /./],
    ['a JPEG cut in half', async () => half(await noisy().jpeg().toBuffer()), /./],
    ['a WebP cut in half', async () => half(await noisy().webp().toBuffer()), /./],
    [
      'a BMP cut in half',
      () => Promise.resolve(half(bmp(SIZE, SIZE, picture(SIZE, SIZE)))),
      /cut off/,
    ],
    [
      'a bare PNG signature',
      () => Promise.resolve(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
      /./,
    ],
  ])('%s', async (_, encode, reason) => {
    const bytes = await encode();
    await expect(inspectImage(bytes)).rejects.toThrow(reason);
    await expect(decodeImage(bytes, spec())).rejects.toThrow(reason);
  });
});

const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);
/** Noise does not compress, so half of the file is half of the image. */
const noisy = () =>
  sharp({
    create: {
      width: 128,
      height: 128,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
