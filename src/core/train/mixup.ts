/** Mixup (Zhang, Cissé, Dauphin, Lopez-Paz, ICLR 2018): images and labels of a batch blended with those of another order. */
import { Pacer } from '../pace.ts';
import type { Random } from '../random.ts';

/** Image i of a mixed batch is `share` of itself and the rest of image `partners[i]`. */
export interface Mix {
  /** At least one half, so that every image keeps its own label as the larger part. */
  readonly share: number;
  readonly partners: Int32Array;
}

/** One ratio from Beta(α, α) for the whole batch, as in the authors' code, and an order to mix with. */
export function drawMix(count: number, alpha: number, random: Random): Mix {
  const drawn = beta(alpha, random);
  const partners = random.shuffle(Int32Array.from({ length: count }, (_, i) => i));
  // Beta(α, α) is symmetric, so taking the larger part is the same mixture with the pair's names exchanged.
  return { share: Math.max(drawn, 1 - drawn), partners };
}

/**
 * The mixed pixels, as bytes: blending before the normalisation, which is affine, differs from blending after it by
 * the rounding to whole values of 0 to 255 alone.
 * @param pixels `[count, ...]`
 */
export async function mixPixels(pixels: Uint8Array, { share, partners }: Mix): Promise<Uint8Array> {
  const bytes = pixels.length / partners.length;
  const mixed = new Uint8Array(pixels.length);
  const pacer = new Pacer();
  for (const [i, partner] of partners.entries()) {
    await pacer.pause();
    const own = i * bytes;
    const other = partner * bytes;
    for (let k = 0; k < bytes; k++)
      mixed[own + k] = Math.round(share * pixels[own + k]! + (1 - share) * pixels[other + k]!);
  }
  return mixed;
}

/** A draw from Beta(α, α): X / (X + Y) with two draws of a gamma distribution, which α < 1 makes very small. */
function beta(alpha: number, random: Random): number {
  const x = logGamma(alpha, random);
  const y = logGamma(alpha, random);
  return 1 / (1 + Math.exp(y - x));
}

/**
 * Logarithm of a draw from Gamma(shape, 1). Marsaglia and Tsang: A Simple Method for Generating Gamma Variables, 2000;
 * for a shape below 1 a draw for shape + 1 times U^(1 / shape).
 */
function logGamma(shape: number, random: Random): number {
  if (shape < 1) {
    const log = Math.log(1 - random.uniform());
    return logGamma(shape + 1, random) + log / shape;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    const u = 1 - random.uniform();
    if (v > 0 && Math.log(u) < (x * x) / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
