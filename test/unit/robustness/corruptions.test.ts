/** Corruptions against scikit-image, OpenCV, Pillow, and their definitions. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { convolve, defocusKernel, gaussianBlur, gaussianWeights } from '../../../src/core/robustness/blur.ts'; // prettier-ignore
import { corrupt, CORRUPTIONS, SEVERITIES, STRENGTHS, type Corruption } from '../../../src/core/robustness/corruptions.ts'; // prettier-ignore
import { measured, separation } from '../../../src/core/robustness/measure.ts';
import { addGaussianNoise, brighten, compressJpeg } from '../../../src/core/robustness/pixel-changes.ts'; // prettier-ignore
import { randomPixels } from '../../support/sessions.ts';

const fixture = JSON.parse(
  readFileSync('test/fixtures/corruptions/corruptions.json', 'utf8'),
) as { side: number; picture: number[] } & Record<Exclude<Corruption, 'gaussian-noise'>, number[][]>; // prettier-ignore
const { side } = fixture;
const picture = Uint8Array.from(fixture.picture);

describe.each(CORRUPTIONS.filter((kind) => kind !== 'gaussian-noise'))('%s', (kind) => {
  it.each(SEVERITIES)('severity %i is that of the reference', async (severity) => {
    const expected = fixture[kind][severity - 1]!;
    const actual = await corrupt(picture, side, kind, severity, new Random(1));
    const off = expected.map((value, i) => Math.abs(value - actual[i]!));
    // JPEG decoders may differ in a bit; 255 times 0.1 or 0.3 is a half, which NumPy rounds to even.
    const [most, share] = kind === 'jpeg' ? [2, 0.02] : [1, kind === 'brightness' ? 0.2 : 0.002];
    expect(Math.max(...off)).toBeLessThanOrEqual(most);
    expect(off.filter((value) => value > 0).length / off.length).toBeLessThan(share);
  });
});

describe('Gaussian noise', () => {
  const grey = new Uint8Array(128 * 128 * 3).fill(128);
  it('has the deviation of its severity', async () => {
    const deviations = await Promise.all(
      SEVERITIES.map(async (severity) => {
        const noisy = await corrupt(grey, 128, 'gaussian-noise', severity, new Random(3));
        const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
        expect(Math.abs(mean - 128)).toBeLessThan(1);
        return Math.sqrt(noisy.reduce((sum, v) => sum + (v - mean) ** 2, 0) / noisy.length) / 255;
      }),
    );
    for (const [i, deviation] of deviations.entries())
      // The standard error of a deviation from 49,152 numbers is 0.3% of it.
      expect(Math.abs(deviation / STRENGTHS['gaussian-noise'][i]! - 1)).toBeLessThan(0.015);
  });

  it('is the same for a seed, another for another, and grows with the severity only', async () => {
    const run = (severity: 1 | 5, seed: number) =>
      corrupt(grey, 128, 'gaussian-noise', severity, new Random(seed));
    expect(await run(1, 7)).toEqual(await run(1, 7));
    expect(await run(1, 7)).not.toEqual(await run(1, 8));
    const [weak, strong] = [await run(1, 7), await run(5, 7)];
    for (const [i, value] of strong.entries())
      if (value !== 128) expect(Math.sign(value - 128) * (weak[i]! - 128)).toBeGreaterThanOrEqual(0); // prettier-ignore
  });
});

describe('of no strength', () => {
  it('nothing changes', () => {
    const noise = randomPixels(1, 16);
    expect(addGaussianNoise(noise, 0, new Random(1))).toEqual(noise);
    expect(gaussianBlur(noise, 16, 0)).toEqual(noise);
    expect(convolve(noise, 16, defocusKernel(0, 0, 1))).toEqual(noise);
    expect(brighten(noise, 0)).toEqual(noise);
  });

  it('the picture that is given stays as it is', async () => {
    const kept = picture.slice();
    for (const kind of CORRUPTIONS) await corrupt(picture, side, kind, 5, new Random(1));
    expect(picture).toEqual(kept);
  });
});

describe('blurs', () => {
  it('spread a single bright pixel as their weights say', () => {
    const size = 9;
    const dot = new Uint8Array(size * size * 3);
    dot.fill(255, (4 * size + 4) * 3, (4 * size + 4) * 3 + 3);
    const blurred = gaussianBlur(dot, size, 1);
    const of = (d: number): number => Math.exp((-d * d) / 2);
    const sum = of(0) + 2 * (of(1) + of(2) + of(3) + of(4));
    for (const [dy, dx] of [[0, 0], [0, 1], [1, 1], [2, 0]] as const) // prettier-ignore
      expect(blurred[((4 + dy) * size + 4 + dx) * 3]).toBe(Math.round((255 * of(dy) * of(dx)) / sum ** 2)); // prettier-ignore
  });

  it('leave a flat picture flat, edges included', () => {
    const flat = new Uint8Array(12 * 12 * 3).fill(77);
    expect(gaussianBlur(flat, 12, 2)).toEqual(flat);
    expect(convolve(flat, 12, defocusKernel(4, 0.5, 1))).toEqual(flat);
  });

  it('grow with the input: at 64 pixels twice what they are at 32', () => {
    // A disk of radius 1.5 holds 9 pixels, one of radius 3 holds 29.
    const small = defocusKernel(1.5, 0, 1).weights.filter((weight) => weight > 0);
    const large = defocusKernel(1.5, 0, 2).weights.filter((weight) => weight > 0);
    expect([small.length, large.length]).toEqual([9, 29]);
    const half = gaussianWeights(2, 8);
    expect(half[8]! / half[10]!).toBeCloseTo(Math.exp(0.5), 12);
  });

  it('hide the same share of a picture whatever its size', async () => {
    const stripes = (size: number): Uint8Array =>
      Uint8Array.from({ length: size * size * 3 }, (_, at) => {
        const x = Math.floor(at / 3) % size;
        return Math.floor((8 * x) / size) % 2 === 0 ? 60 : 190;
      });
    const contrast = (image: Uint8Array): number => {
      const mean = image.reduce((a, b) => a + b, 0) / image.length;
      return Math.sqrt(image.reduce((a, b) => a + (b - mean) ** 2, 0) / image.length);
    };
    for (const kind of ['gaussian-blur', 'defocus-blur'] as const) {
      const [at32, at128] = await Promise.all(
        [32, 128].map(async (size) =>
          contrast(await corrupt(stripes(size), size, kind, 5, new Random(1))),
        ),
      );
      expect(Math.abs(at128! / at32! - 1)).toBeLessThan(0.1);
    }
  });
});

it('brightness keeps hue: channels grow by one factor; black turns grey', () => {
  const brighter = brighten(Uint8Array.of(100, 50, 25, 0, 0, 0, 255, 10, 10), 0.2);
  // 100 + 51 = 151: the factor is 1.51. A full value cannot grow.
  expect([...brighter]).toEqual([151, 76, 38, 51, 51, 51, 255, 10, 10]);
});

it('JPEG loses more at lower quality', async () => {
  const losses = await Promise.all(
    STRENGTHS.jpeg.map(async (quality) => {
      const back = await compressJpeg(picture, side, quality);
      return back.reduce((sum, value, i) => sum + (value - picture[i]!) ** 2, 0);
    }),
  );
  expect(losses).toEqual([...losses].sort((a, b) => a - b));
});

it('numbers of one cell', () => {
  const clean = { scores: Float64Array.of(5, 4, 3, 2), predicted: Int32Array.of(0, 1, 1, 0) };
  const noisy = { scores: Float64Array.of(4, 1, 1, 1), predicted: Int32Array.of(0, 0, 1, 1) };
  const labels = Int32Array.of(0, 1, 1, -1);
  expect(measured(clean, labels, 3)).toEqual({ accuracy: 0.75, keptAtThreshold: 0.75, meanEnergy: -3.5 }); // prettier-ignore
  expect(measured(noisy, labels, 3)).toEqual({ accuracy: 0.5, keptAtThreshold: 0.25, meanEnergy: -1.75 }); // prettier-ignore
  // Of sixteen pairs clean is above in 3 + 3 + 3 + 3 against the ones, and against 4: above once, equal once.
  expect(separation(clean, noisy)).toBe((12 + 1 + 0.5) / 16);
});
