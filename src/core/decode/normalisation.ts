import type { Normalisation, PixelBlock } from './types.ts';

/**
 * Per-channel mean and standard deviation (population) of RGB scaled to [0, 1], over every pixel of the block.
 * Sums of bytes and of their squares are exact integers, so the order of images does not matter. A channel
 * without variation gets 1, which leaves it at zero after normalisation.
 */
export function computeNormalisation({ data, count, size }: PixelBlock): Normalisation {
  const pixels = count * size * size;
  const channel = (c: number): { mean: number; std: number } => {
    let sum = 0;
    let squares = 0;
    for (let i = c; i < data.length; i += 3) {
      const value = data[i]!;
      sum += value;
      squares += value * value;
    }
    const mean = sum / pixels;
    const variance = Math.max(0, squares / pixels - mean * mean);
    return { mean: mean / 255, std: variance === 0 ? 1 : Math.sqrt(variance) / 255 };
  };
  const [r, g, b] = [channel(0), channel(1), channel(2)];
  return { mean: [r.mean, g.mean, b.mean], std: [r.std, g.std, b.std] };
}
