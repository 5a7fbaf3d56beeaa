/** Finding pairs that look alike: against comparing every one with every other. */
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  measureRgb,
  noMeasurements,
  putMeasurement,
  type Measurements,
} from '../../../../src/core/datasets/analyse/measurements.ts';
import { findNearPairs, NEAR_BITS } from '../../../../src/core/datasets/analyse/near-pairs.ts';
import { popcount } from '../../../../src/core/datasets/analyse/perceptual-hash.ts';
import { Random } from '../../../../src/core/random.ts';

/** Smooth random pictures: like photographs, and unlike noise, they have low frequencies to tell them by. */
async function picture(random: Random, size = 64): Promise<Uint8Array> {
  const coarse = Uint8Array.from({ length: 6 * 6 * 3 }, () => random.integer(256));
  const image = sharp(coarse, { raw: { width: 6, height: 6, channels: 3 } });
  return new Uint8Array(await image.resize(size, size, { kernel: 'cubic' }).raw().toBuffer());
}

const decoded = async (encoded: Buffer): Promise<[Uint8Array, number, number]> => {
  const { data, info } = await sharp(encoded).raw().toBuffer({ resolveWithObject: true });
  return [new Uint8Array(data), info.width, info.height];
};

async function pairsOf(columns: Measurements, rows: Uint32Array): Promise<string[]> {
  const pairs: string[] = [];
  await findNearPairs(
    { ...columns, rows },
    () => true,
    (a, b) => pairs.push(`${a} ${b}`),
  );
  return pairs.sort();
}

const allRows = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

describe('near pairs', () => {
  it('are the scaled, re-encoded, brightened and slightly retouched copies, and nothing else', async () => {
    const random = new Random(5);
    const columns = noMeasurements(45);
    const expected: string[] = [];
    for (let i = 0; i < 9; i++) {
      const rgb = await picture(random);
      const image = (): Sharp => sharp(rgb, { raw: { width: 64, height: 64, channels: 3 } });
      const copies: [Uint8Array, number, number][] = [
        [rgb, 64, 64],
        await decoded(await image().jpeg({ quality: 70 }).toBuffer()),
        await decoded(await image().resize(150, 150).png().toBuffer()),
        await decoded(await image().resize(40, 40).png().toBuffer()),
        await decoded(await image().linear(0.9, 8).png().toBuffer()),
      ];
      for (const [k, copy] of copies.entries())
        putMeasurement(columns, 5 * i + k, measureRgb(...copy));
      for (let a = 0; a < 5; a++)
        for (let b = a + 1; b < 5; b++) expected.push(`${5 * i + a} ${5 * i + b}`);
    }
    expect(await pairsOf(columns, allRows(45))).toEqual(expected.sort());
  });

  it('are the same as by comparing every one with every other', async () => {
    const random = new Random(11);
    const n = 3000;
    const columns = noMeasurements(n);
    // Looks that agree everywhere, so that the hashes alone decide; hashes in clusters around few centres.
    columns.looks.forEach((_, i) => (columns.looks[i] = i % 7));
    const centres = Array.from({ length: 60 }, () => [random.uint32(), random.uint32()] as const);
    const view = new DataView(columns.hashes.buffer);
    for (let i = 0; i < n; i++) {
      let [high, low] = centres[random.integer(60)]!;
      for (let flips = random.integer(9); flips > 0; flips--) {
        const bit = random.integer(64);
        if (bit < 32) high ^= 1 << bit;
        else low ^= 1 << (bit - 32);
      }
      view.setUint32(8 * i, high);
      view.setUint32(8 * i + 4, low);
    }
    const expected: string[] = [];
    for (let a = 0; a < n; a++)
      for (let b = a + 1; b < n; b++) {
        const bits =
          popcount(view.getUint32(8 * a) ^ view.getUint32(8 * b)) +
          popcount(view.getUint32(8 * a + 4) ^ view.getUint32(8 * b + 4));
        if (bits <= NEAR_BITS) expected.push(`${a} ${b}`);
      }
    // Every look is the same up to a shift of its beginning.
    for (let i = 1; i < n; i++) columns.looks.copyWithin(144 * i, 0, 144);
    expect(await pairsOf(columns, allRows(n))).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(1000);
  });

  it('tell a black image from a white one', async () => {
    const columns = noMeasurements(3);
    for (const [i, level] of [0, 255, 3].entries())
      putMeasurement(columns, i, measureRgb(new Uint8Array(32 * 32 * 3).fill(level), 32, 32));
    expect(await pairsOf(columns, allRows(3))).toEqual(['0 2']);
  });

  it('stop when they are told to', async () => {
    const columns = noMeasurements(20_000);
    const random = new Random(3);
    columns.hashes.forEach((_, i) => (columns.hashes[i] = random.integer(2)));
    const abort = new AbortController();
    abort.abort();
    await expect(
      findNearPairs(
        { ...columns, rows: allRows(20_000) },
        () => true,
        () => undefined,
        abort.signal,
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});
