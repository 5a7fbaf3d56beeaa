import type { Normalisation } from './types.ts';
import { readRange, type PixelBlock } from './pixel-block.ts';

/**
 * Per-channel mean and standard deviation (population) of RGB scaled to [0, 1], over every pixel of the block.
 * Sums of bytes and of their squares are exact integers, so the order of images does not matter. A channel
 * without variation gets 1, which leaves it at zero after normalisation.
 */
export async function computeNormalisation(block: PixelBlock): Promise<Normalisation> {
  const { count, size } = block;
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let from = 0; from < count; from += CHUNK) {
    const data = await readRange(block, from, Math.min(count, from + CHUNK));
    for (let c = 0; c < 3; c++)
      for (let i = c; i < data.length; i += 3) {
        const value = data[i]!;
        sums[c]! += value;
        squares[c]! += value * value;
      }
  }
  const pixels = count * size * size;
  const [r, g, b] = [0, 1, 2].map((c) => {
    const mean = sums[c]! / pixels;
    const variance = Math.max(0, squares[c]! / pixels - mean * mean);
    return { mean: mean / 255, std: variance === 0 ? 1 : Math.sqrt(variance) / 255 };
  }) as [Channel, Channel, Channel];
  return { mean: [r.mean, g.mean, b.mean], std: [r.std, g.std, b.std] };
}

interface Channel {
  readonly mean: number;
  readonly std: number;
}

/** Images read at a time. */
const CHUNK = 256;
