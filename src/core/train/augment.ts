/** Random crop and flip on RGB8 pixels, before they leave JavaScript. */
import type { MemoryBlock } from '../decode/pixel-block.ts';
import { Pacer } from '../pace.ts';
import type { Random } from '../random.ts';

export interface Augmentation {
  /** Black pixels added on every side before a crop of the original size; 0 = no crop. */
  readonly cropPadding: number;
  /** Mirror left to right with probability one half. */
  readonly flip: boolean;
}

/** e.g. `["crop, padding 4", "horizontal flip"]`. */
export const describeAugmentation = ({ cropPadding, flip }: Augmentation): string[] => [
  ...(cropPadding > 0 ? [`random crop, padding ${cropPadding}`] : []),
  ...(flip ? ['horizontal flip'] : []),
];

/**
 * Gathers images into one batch, each augmented on its own, over as many turns of the event loop as it takes.
 * @param rows indices into `block`
 * @returns `[rows.length, size, size, 3]`
 */
export async function gatherBatch(
  { data, size }: MemoryBlock,
  rows: Int32Array,
  { cropPadding, flip }: Augmentation,
  random: Random,
): Promise<Uint8Array> {
  const stride = size * 3;
  const imageBytes = size * stride;
  const batch = new Uint8Array(rows.length * imageBytes);
  const pacer = new Pacer();
  for (const [i, row] of rows.entries()) {
    await pacer.pause();
    const down = cropPadding > 0 ? random.integer(2 * cropPadding + 1) - cropPadding : 0;
    const right = cropPadding > 0 ? random.integer(2 * cropPadding + 1) - cropPadding : 0;
    const mirrored = flip && random.integer(2) === 1;
    const source = row * imageBytes;
    const target = i * imageBytes;
    const firstX = Math.max(0, -right);
    const lastX = Math.min(size, size - right);
    // Moved by more than its side, an image is nothing but padding.
    if (firstX >= lastX) continue;
    for (let y = Math.max(0, -down); y < Math.min(size, size - down); y++) {
      const from = source + (y + down) * stride;
      const to = target + y * stride;
      if (!mirrored) {
        batch.set(
          data.subarray(from + (firstX + right) * 3, from + (lastX + right) * 3),
          to + firstX * 3,
        );
        continue;
      }
      for (let x = firstX; x < lastX; x++) {
        const pixel = from + (x + right) * 3;
        const mirror = to + (size - 1 - x) * 3;
        batch[mirror] = data[pixel]!;
        batch[mirror + 1] = data[pixel + 1]!;
        batch[mirror + 2] = data[pixel + 2]!;
      }
    }
  }
  return batch;
}
