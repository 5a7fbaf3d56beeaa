/** What is measured of an image's pixels, each by a function of its own. */
import type { Plane } from './planes.ts';

/**
 * Variance of the Laplacian (4 neighbours) over the inner pixels: small where nothing is sharp.
 * Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
 * @returns 0 for images of less than 3 x 3 pixels
 */
export function sharpness({ width, height, data }: Plane): number {
  let sum = 0;
  let squares = 0;
  let n = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const laplacian =
        data[i - 1]! + data[i + 1]! + data[i - width]! + data[i + width]! - 4 * data[i]!;
      sum += laplacian;
      squares += laplacian * laplacian;
      n++;
    }
  return n === 0 ? 0 : Math.max(0, squares / n - (sum / n) ** 2);
}

/** How often each of the 256 grey levels occurs. */
export function histogram({ data }: Plane): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = 0; i < data.length; i++) counts[Math.min(255, Math.round(data[i]!))]!++;
  return counts;
}

/**
 * The smallest grey level that at least this share of the pixels does not exceed.
 * @param counts of 256 levels
 * @param share above 0, up to 1
 * @returns 0 to 255
 */
export function percentileLevel(counts: Uint32Array, share: number): number {
  const needed = share * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [level, count] of counts.entries()) {
    seen += count;
    if (seen >= needed) return level;
  }
  return 255;
}

/** Shannon entropy of the grey levels in bits, 0 (one level) to 8. Source: Shannon, 1948. */
export function entropy(counts: Uint32Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

/**
 * How far the three channels are apart: the spread (largest minus smallest channel) that 99% of the pixels do not
 * exceed, 0 to 255. A grey image has 0, one that went through JPEG a little more.
 */
export function colourSpread(rgb: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (let at = 0; at < rgb.length; at += 3) {
    const r = rgb[at]!;
    const g = rgb[at + 1]!;
    const b = rgb[at + 2]!;
    counts[Math.max(r, g, b) - Math.min(r, g, b)]!++;
  }
  return percentileLevel(counts, 0.99);
}
