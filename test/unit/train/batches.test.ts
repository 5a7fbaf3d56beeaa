import { describe, expect, it } from 'vitest';
import { Batches } from '../../../src/core/train/batches.ts';
import { Random } from '../../../src/core/random.ts';
import { PRESETS, type TrainingConfig } from '../../../src/core/train/config.ts';
import { drawMix } from '../../../src/core/train/mixup.ts';

/** Image i is one pixel of value i, with label i mod 7. */
const images = (count: number) => ({
  block: {
    count,
    size: 1,
    data: Uint8Array.from({ length: 3 * count }, (_, i) => Math.floor(i / 3)),
  },
  labels: Int32Array.from({ length: count }, (_, i) => i % 7),
});
const config = (changes: Partial<TrainingConfig> = {}): TrainingConfig => ({
  ...PRESETS.quick.pretrain,
  augmentation: { cropPadding: 0, flip: false },
  batchSize: 16,
  epochs: 2,
  ...changes,
});
const seen = async (batches: Batches, epoch: number): Promise<number[]> =>
  (
    await Promise.all(
      Array.from({ length: batches.stepsPerEpoch }, (_, k) =>
        batches.at(epoch * batches.stepsPerEpoch + k),
      ),
    )
  ).flatMap(({ pixels, count }) => Array.from({ length: count }, (_, i) => pixels[3 * i]!));

describe('batches', () => {
  it.each([
    { count: 100, steps: 7 },
    { count: 96, steps: 6 },
    // A rest of one image joins the batch before it.
    { count: 97, steps: 6 },
    { count: 5, steps: 1 },
  ])('$count images in batches of 16: every image once an epoch', async ({ count, steps }) => {
    const batches = new Batches(images(count), config(), 7);
    expect(batches.stepsPerEpoch).toBe(steps);
    expect(batches.steps).toBe(2 * steps);
    const all = Array.from({ length: count }, (_, i) => i);
    expect((await seen(batches, 0)).sort((a, b) => a - b)).toEqual(all);
    expect((await seen(batches, 1)).sort((a, b) => a - b)).toEqual(all);
    let before = 0;
    for (let step = 0; step < batches.steps; step++) {
      expect(batches.imagesBefore(step)).toBe(before);
      before += (await batches.at(step)).count;
    }
    expect(batches.imagesBefore(batches.steps)).toBe(before);
  });

  it('labels stay with their images', async () => {
    const { pixels, labels, count } = await new Batches(images(100), config(), 7).at(3);
    for (let i = 0; i < count; i++) expect(labels[i]).toBe(pixels[3 * i]! % 7);
  });

  it('order follows from seed and epoch alone, whichever step is asked for first', async () => {
    const one = new Batches(images(100), config(), 7);
    const other = new Batches(images(100), config(), 7);
    const late = await other.at(9);
    expect(await one.at(9)).toEqual(late);
    expect(await seen(one, 0)).toEqual(await seen(other, 0));
    expect(await seen(one, 0)).not.toEqual(await seen(one, 1));
    expect(await seen(new Batches(images(100), config({ seed: 2 }), 7), 0)).not.toEqual(
      await seen(one, 0),
    );
  });

  it('one image is too few', () => {
    expect(() => new Batches(images(1), config(), 7)).toThrow(/at least 2 images/);
  });
});

describe('outliers of batches', () => {
  /** Pixels from 200 on, so that they cannot be taken for images. */
  const outliers = (count: number) => ({
    count,
    size: 1,
    data: Uint8Array.from({ length: 3 * count }, (_, i) => 200 + Math.floor(i / 3)),
  });
  const withOutliers = (changes: Partial<TrainingConfig> = {}): TrainingConfig =>
    config({
      objective: 'energy-margin',
      outliers: { datasetId: 'd', ratio: 0.5 },
      ...changes,
    });
  const outliersOf = async (batches: Batches, steps: readonly number[]): Promise<number[]> => {
    const values: number[] = [];
    for (const step of steps) {
      const { pixels, count, outlierCount } = await batches.at(step);
      for (let i = count; i < count + outlierCount; i++) values.push(pixels[3 * i]! - 200);
    }
    return values;
  };

  it('stand behind the images, in the ratio that was asked for', async () => {
    const { pixels, labels, count, outlierCount } = await new Batches(
      images(64),
      withOutliers(),
      7,
      outliers(20),
    ).at(1);
    expect([count, outlierCount, labels.length, pixels.length]).toEqual([16, 8, 16, 3 * 24]);
    for (let i = 0; i < 24; i++) expect(pixels[3 * i]! >= 200).toBe(i >= 16);
  });

  it('change nothing about the images, their order and their augmentation', async () => {
    const augmentation = { cropPadding: 0, flip: true };
    const plain = await new Batches(images(64), config({ augmentation }), 7).at(5);
    const both = new Batches(images(64), withOutliers({ augmentation }), 7, outliers(20));
    const { pixels, labels } = await both.at(5);
    expect(pixels.slice(0, plain.pixels.length)).toEqual(plain.pixels);
    expect(labels).toEqual(plain.labels);
  });

  it('every one once before any comes again, over the ends of epochs', async () => {
    // 64 images in 4 steps an epoch, 8 outliers a step, 20 outliers: the first 20 places are one pass.
    const batches = new Batches(images(64), withOutliers({ epochs: 3 }), 7, outliers(20));
    const seenOutliers = await outliersOf(batches, [0, 1, 2, 3, 4]);
    const all = Array.from({ length: 20 }, (_, i) => i);
    expect(seenOutliers.slice(0, 20).sort((a, b) => a - b)).toEqual(all);
    expect(seenOutliers.slice(20, 40).sort((a, b) => a - b)).toEqual(all);
    expect(seenOutliers.slice(20, 40)).not.toEqual(seenOutliers.slice(0, 20));
  });

  it('follow from seed and step alone, whichever step is asked for first', async () => {
    const one = new Batches(images(64), withOutliers(), 7, outliers(20));
    const other = new Batches(images(64), withOutliers(), 7, outliers(20));
    const late = await other.at(6);
    await one.at(0);
    expect(await one.at(6)).toEqual(late);
    const another = new Batches(images(64), withOutliers({ seed: 5 }), 7, outliers(20));
    expect(await outliersOf(another, [0, 1])).not.toEqual(await outliersOf(one, [0, 1]));
  });

  it('none at all are refused', () => {
    expect(() => new Batches(images(64), withOutliers(), 7, outliers(0))).toThrow(/no outliers/);
  });
});

describe('label smoothing and mixup', () => {
  it('smoothed labels are the definition', async () => {
    const { targets, labels } = await new Batches(
      images(64),
      config({ labelSmoothing: 0.1 }),
      10,
    ).at(0);
    // (1 - ε) + ε / K = 0.91, ε / K = 0.01 with ε = 0.1 and K = 10.
    labels.forEach((label, i) => {
      for (let k = 0; k < 10; k++)
        expect(targets![10 * i + k]).toBeCloseTo(k === label ? 0.91 : 0.01, 6);
    });
  });

  it('without either, the labels say it all', async () => {
    expect((await new Batches(images(64), config(), 7).at(0)).targets).toBeNull();
  });

  it('mixed images and labels are blended alike, with one ratio for the batch', async () => {
    const plain = await new Batches(images(64), config(), 7).at(2);
    const mixed = await new Batches(images(64), config({ mixup: 0.4 }), 7).at(2);
    expect(mixed.labels).toEqual(plain.labels);
    const byValue = new Map<number, number>();
    plain.labels.forEach((label, i) => byValue.set(plain.pixels[3 * i]!, label));
    // The ratio shows where the other image has another class: own share 1/2 or more.
    const shares = Array.from(mixed.labels, (label, i) => mixed.targets![7 * i + label]!);
    const share = Math.min(...shares);
    expect(share).toBeGreaterThanOrEqual(0.5);
    for (const [i, label] of mixed.labels.entries()) {
      const row = mixed.targets!.slice(7 * i, 7 * i + 7);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      const own = plain.pixels[3 * i]!;
      // Some image of the batch, blended in by the same ratio and rounded, explains pixel and label.
      const partner = [...byValue].find(
        ([value, other]) =>
          Math.round(share * own + (1 - share) * value) === mixed.pixels[3 * i] &&
          Math.abs(row[other]! - (other === label ? 1 : 1 - share)) < 1e-6,
      );
      expect(partner, `image ${i}`).toBeDefined();
    }
  });

  it('ratios of mixup are drawn from Beta(α, α)', () => {
    // Mean of max(x, 1 - x) under Beta(α, α); 3/4 for α = 1, which is uniform.
    const meanShare = (alpha: number): number => {
      const random = new Random(3);
      let sum = 0;
      for (let i = 0; i < 20_000; i++) sum += drawMix(2, alpha, random).share;
      return sum / 20_000;
    };
    expect(meanShare(1)).toBeCloseTo(0.75, 2);
    // 6 x (1 - x) over max(x, 1 - x): 2 · ∫ from 1/2 to 1 of 6 x² (1 - x) dx = 11/16.
    expect(meanShare(2)).toBeCloseTo(11 / 16, 2);
    // Arcsine law: 2 · ∫ from 1/2 to 1 of x / (π √(x (1 - x))) dx = 1/2 + 1/π.
    expect(meanShare(0.5)).toBeCloseTo(0.5 + 1 / Math.PI, 2);
  });
});
