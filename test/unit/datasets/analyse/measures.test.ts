/** Measures of one image, on images whose value follows from the definition. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureRgb, QUALITIES } from '../../../../src/core/datasets/analyse/measurements.ts';
import { dctHash, popcount } from '../../../../src/core/datasets/analyse/perceptual-hash.ts';
import { luma, resample, type Plane } from '../../../../src/core/datasets/analyse/planes.ts';
import {
  colourSpread,
  entropy,
  histogram,
  percentileLevel,
  sharpness,
} from '../../../../src/core/datasets/analyse/quality.ts';

const plane = (width: number, height: number, value: (x: number, y: number) => number): Plane => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) =>
    value(i % width, Math.floor(i / width)),
  ),
});

describe('planes', () => {
  it('weigh the channels as BT.601 does', () => {
    const { data } = luma(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255), 4, 1);
    expect([...data].map((value) => Math.round(value))).toEqual([76, 150, 29, 255]);
  });

  it('are reduced by averaging what each pixel covers', () => {
    const quarters = plane(4, 2, (x, y) => 10 * y + x);
    expect([...resample(quarters, 2, 1).data]).toEqual([5.5, 7.5]);
    // 3 -> 2: each output pixel covers one pixel and half of the middle one.
    const thirds = resample(
      plane(3, 1, (x) => 30 * x),
      2,
      1,
    );
    expect(thirds.data[0]).toBeCloseTo((30 * 0.5) / 1.5, 4);
    expect(thirds.data[1]).toBeCloseTo((30 * 0.5 + 60) / 1.5, 4);
  });

  it('are enlarged by repeating pixels', () => {
    expect([
      ...resample(
        plane(2, 1, (x) => 100 * x),
        4,
        1,
      ).data,
    ]).toEqual([0, 0, 100, 100]);
  });
});

describe('sharpness', () => {
  it('is the variance of the Laplacian: 0 on a ramp, known on a checkerboard', () => {
    expect(sharpness(plane(9, 9, (x, y) => 5 * x + 3 * y))).toBeCloseTo(0, 6);
    // On a checkerboard of 0 and v the Laplacian is +4v or -4v. Of 7 x 7 inner pixels 24 are one, 25 the other.
    const board = sharpness(plane(9, 9, (x, y) => ((x + y) % 2) * 10));
    expect(board).toBeCloseTo(40 ** 2 * (1 - (1 / 49) ** 2), 3);
  });

  it('is 0 where there are no inner pixels', () => {
    expect(sharpness(plane(2, 30, (x, y) => x * y))).toBe(0);
  });
});

describe('levels', () => {
  const half = histogram(plane(10, 10, (_, y) => (y < 5 ? 0 : 200)));
  it('entropy is log2 of the number of equally frequent levels', () => {
    expect(entropy(half)).toBeCloseTo(1, 12);
    expect(entropy(histogram(plane(4, 4, () => 9)))).toBe(0);
    expect(entropy(histogram(plane(16, 16, (x, y) => 16 * y + x)))).toBeCloseTo(8, 12);
  });

  it('percentiles are the nearest rank', () => {
    expect(percentileLevel(half, 0.5)).toBe(0);
    expect(percentileLevel(half, 0.51)).toBe(200);
    expect(percentileLevel(half, 0.99)).toBe(200);
  });

  it('the spread of channels tells grey from colour, and forgives one pixel in a hundred', () => {
    const grey = new Uint8Array(300).fill(77);
    expect(colourSpread(grey)).toBe(0);
    grey[0] = 255;
    expect(colourSpread(grey)).toBe(0);
    const red = Uint8Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 200 : 50));
    expect(colourSpread(red)).toBe(150);
  });
});

describe('pHash', () => {
  interface Golden {
    readonly images: readonly { name: string; pixels: string; phash: string }[];
  }
  const golden = JSON.parse(
    readFileSync('test/fixtures/perceptual-hash/imagehash.json', 'utf8'),
  ) as Golden;

  it.each(golden.images)('of $name is that of imagehash', ({ pixels, phash }) => {
    const hash = new Uint8Array(8);
    dctHash(
      { width: 32, height: 32, data: Float32Array.from(Buffer.from(pixels, 'base64')) },
      hash,
    );
    expect(Buffer.from(hash).toString('hex')).toBe(phash);
  });

  it('popcount counts bits', () => {
    for (const word of [0, 1, 0x80000000, 0xffffffff, 0xdeadbeef | 0])
      expect(popcount(word)).toBe((word >>> 0).toString(2).replaceAll('0', '').length);
  });
});

describe('a whole image', () => {
  it('gives one number per quality and a look in which dark stays dark', () => {
    const rgb = new Uint8Array(48 * 24 * 3);
    rgb.fill(200, (48 * 24 * 3) / 2);
    const { hash, look, qualities } = measureRgb(rgb, 48, 24);
    expect(hash).toHaveLength(8);
    expect(qualities).toHaveLength(QUALITIES.length);
    expect([...look.subarray(0, 12)]).toEqual(Array(12).fill(0));
    expect([...look.subarray(132)]).toEqual(Array(12).fill(200));
  });
});
