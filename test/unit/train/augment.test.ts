import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { gatherBatch } from '../../../src/core/train/augment.ts';

const SIZE = 5;
const IMAGE = SIZE * SIZE * 3;
/** Every byte of both images differs from 0 and from its neighbours. */
const block = {
  count: 2,
  size: SIZE,
  data: Uint8Array.from({ length: 2 * IMAGE }, (_, i) => 1 + ((i * 37) % 255)),
};

/** By definition: pad with black, cut out a window of the original size, mirror it or not. */
function cropped(
  row: number,
  top: number,
  left: number,
  padding: number,
  mirrored: boolean,
): number[] {
  const out: number[] = [];
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++)
      for (let c = 0; c < 3; c++) {
        const sy = y + top - padding;
        const sx = (mirrored ? SIZE - 1 - x : x) + left - padding;
        const inside = sy >= 0 && sy < SIZE && sx >= 0 && sx < SIZE;
        out.push(inside ? block.data[row * IMAGE + (sy * SIZE + sx) * 3 + c]! : 0);
      }
  return out;
}

describe('augmentation', () => {
  it('without crop and flip the images are gathered as they are', async () => {
    const batch = await gatherBatch(
      block,
      Int32Array.of(1, 0, 1),
      { cropPadding: 0, flip: false },
      new Random(1),
    );
    const [a, b] = [block.data.slice(0, IMAGE), block.data.slice(IMAGE)];
    expect([...batch]).toEqual([...b, ...a, ...b]);
  });

  it('every result is one of the possible crops and flips, and each of them comes up evenly', async () => {
    const padding = 2;
    const windows = new Map<string, number>();
    for (let top = 0; top <= 2 * padding; top++)
      for (let left = 0; left <= 2 * padding; left++)
        for (const mirrored of [false, true])
          windows.set(cropped(0, top, left, padding, mirrored).join(), 0);
    expect(windows.size).toBe(50);
    const draws = 20_000;
    const random = new Random(7);
    for (let i = 0; i < draws; i++) {
      const batch = await gatherBatch(
        block,
        Int32Array.of(0),
        { cropPadding: padding, flip: true },
        random,
      );
      const key = batch.join();
      expect(windows.has(key)).toBe(true);
      windows.set(key, windows.get(key)! + 1);
    }
    // Chi-squared with 49 degrees of freedom: above 85.4 once in a thousand times.
    const expected = draws / windows.size;
    const chi = [...windows.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(85.4);
  });

  it('the same seed gives the same batch, another one does not', async () => {
    const options = { cropPadding: 2, flip: true };
    const rows = Int32Array.from({ length: 16 }, (_, i) => i % 2);
    const draw = (seed: number) => gatherBatch(block, rows, options, new Random(seed));
    expect(await draw(3)).toEqual(await draw(3));
    expect(await draw(3)).not.toEqual(await draw(4));
  });

  // A padding wider than the image, which only bad input asks for, once wrote outside the batch.
  it('leaves nothing but padding of an image that is moved by more than its side', async () => {
    const padding = 3 * SIZE;
    const rows = Int32Array.from({ length: 200 }, (_, i) => i % 2);
    const batch = await gatherBatch(block, rows, { cropPadding: padding, flip: true }, new Random(4)); // prettier-ignore
    const windows = (row: number) =>
      Array.from({ length: (2 * padding + 1) ** 2 }, (_, i) =>
        [false, true].map(
          (mirrored) =>
          cropped(row, Math.floor(i / (2 * padding + 1)), i % (2 * padding + 1), padding, mirrored).join(), // prettier-ignore
        ),
      ).flat();
    const possible = [new Set(windows(0)), new Set(windows(1))];
    for (const [i, row] of rows.entries())
      expect(possible[row]!.has(batch.subarray(i * IMAGE, (i + 1) * IMAGE).join())).toBe(true);
  });
});
