import { describe, expect, it } from 'vitest';
import { Batches } from '../../../src/core/train/batches.ts';
import { PRESETS, type TrainingConfig } from '../../../src/core/train/config.ts';

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
    const batches = new Batches(images(count), config());
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
    const { pixels, labels, count } = await new Batches(images(100), config()).at(3);
    for (let i = 0; i < count; i++) expect(labels[i]).toBe(pixels[3 * i]! % 7);
  });

  it('order follows from seed and epoch alone, whichever step is asked for first', async () => {
    const one = new Batches(images(100), config());
    const other = new Batches(images(100), config());
    const late = await other.at(9);
    expect(await one.at(9)).toEqual(late);
    expect(await seen(one, 0)).toEqual(await seen(other, 0));
    expect(await seen(one, 0)).not.toEqual(await seen(one, 1));
    expect(await seen(new Batches(images(100), config({ seed: 2 })), 0)).not.toEqual(
      await seen(one, 0),
    );
  });

  it('one image is too few', () => {
    expect(() => new Batches(images(1), config())).toThrow(/at least 2 images/);
  });
});
