/**
 * Perceptual hash: 64 bits that stay nearly the same when an image is scaled, re-encoded or slightly retouched.
 * Defined as in Python's `imagehash`; the tests compare with it bit by bit.
 */
import { resample, type Plane } from './planes.ts';

/** Bytes of one hash. */
export const HASH_BYTES = 8;

/** Side of the image that the DCT sees. */
const DCT_SIDE = 32;
const KEPT = 8;

/** `cos(π (2x + 1) u / 64)`, `[u, x]`: the first rows of the DCT-II; its scale does not change signs or order. */
const BASIS = Float64Array.from({ length: KEPT * DCT_SIDE }, (_, i) => {
  const u = Math.floor(i / DCT_SIDE);
  const x = i % DCT_SIDE;
  return Math.cos((Math.PI * (2 * x + 1) * u) / (2 * DCT_SIDE));
});

/**
 * pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010): the 8 x 8 lowest
 * frequencies of the 32 x 32 image, each a 1 where it is above their median.
 * @param out 8 bytes, row-major, first bit highest
 */
export function dctHash(plane: Plane, out: Uint8Array): void {
  const { data } = resample(plane, DCT_SIDE, DCT_SIDE);
  // Whole grey levels, as an image has them: flat areas stay exactly flat.
  const pixels = roundAll(data);
  const rows = new Float64Array(DCT_SIDE * KEPT);
  for (let y = 0; y < DCT_SIDE; y++)
    for (let u = 0; u < KEPT; u++) {
      let sum = 0;
      for (let x = 0; x < DCT_SIDE; x++)
        sum += pixels[y * DCT_SIDE + x]! * BASIS[u * DCT_SIDE + x]!;
      rows[y * KEPT + u] = sum;
    }
  const low = new Float64Array(KEPT * KEPT);
  for (let v = 0; v < KEPT; v++)
    for (let u = 0; u < KEPT; u++) {
      let sum = 0;
      for (let y = 0; y < DCT_SIDE; y++) sum += rows[y * KEPT + u]! * BASIS[v * DCT_SIDE + y]!;
      // Sums that cancel out leave a trace of rounding, which is no frequency.
      low[v * KEPT + u] = Math.abs(sum) < 1e-6 ? 0 : sum;
    }
  const sorted = low.toSorted();
  const median = (sorted[31]! + sorted[32]!) / 2;
  packBits(out, (i) => low[i]! > median);
}

function roundAll(values: Float32Array): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.round(values[i]!);
  return out;
}

function packBits(out: Uint8Array, bit: (index: number) => boolean): void {
  out.fill(0);
  for (let i = 0; i < 64; i++) if (bit(i)) out[i >> 3]! |= 0x80 >> (i & 7);
}

/** How many bits of a 32-bit word are set. */
export function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
