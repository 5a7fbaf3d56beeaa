/**
 * Pairs of images that look alike, found without comparing every one with every other: multi-index hashing
 * (Norouzi, Punjani, Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012).
 *
 * 64 bits are cut into four bands of 16. Hashes that differ in at most 7 bits differ in at most one bit in at
 * least one band, so that only those need to be compared whose band is the same or one bit away.
 */
import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../../errors.ts';
import { LOOK_BYTES } from './measurements.ts';
import { HASH_BYTES, popcount } from './perceptual-hash.ts';

/** Hamming distance of pHashes up to which images are compared closely; `docs/method.md` says what that catches. */
export const NEAR_BITS = 6;

/**
 * Correlation of the 12 x 12 looks from which two images count as near duplicates. Different handwritten digits
 * share pHashes by the hundred thousand; their looks stay below this.
 */
export const NEAR_CORRELATION = 0.99;

/** Grey levels by which two flat looks may differ. */
const FLAT_LEVELS = 8;

const BANDS = 4;
const BAND_BITS = 16;
/** Work between two looks at the clock. */
const SLICE_MS = 20;

/** Columns to compare: of one set, or of several one after the other. */
export interface Looks {
  /** `[n, 8]` */
  readonly hashes: Uint8Array;
  /** `[n, 144]` */
  readonly looks: Uint8Array;
  /** Which images take part; ascending. */
  readonly rows: Uint32Array;
}

/**
 * Calls back once for every pair of `rows` that looks alike. Yields to other work every 20 ms.
 * @param compare false for pairs that are of no interest; they are passed over
 * @param onPair `a` comes before `b` in `rows`; `bits` is the Hamming distance
 * @throws AppError `cancelled`
 */
export async function findNearPairs(
  { hashes, looks, rows }: Looks,
  compare: (a: number, b: number) => boolean,
  onPair: (a: number, b: number, bits: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const words = wordsOf(hashes, rows);
  const statistics = lookStatistics(looks, rows);
  const n = rows.length;
  let sliceStart = performance.now();
  for (let band = 0; band < BANDS; band++) {
    const { starts, members } = bucketsOf(words, n, band);
    for (let i = 0; i < n; i++) {
      if ((i & 63) === 0 && performance.now() - sliceStart > SLICE_MS) {
        await setImmediate();
        throwIfAborted(signal);
        sliceStart = performance.now();
      }
      const key = bandOf(words, i, band);
      for (let probe = 0; probe <= BAND_BITS; probe++) {
        const bucket = probe === BAND_BITS ? key : key ^ (1 << probe);
        // Members stand in ascending order: the later ones are those after `i`.
        for (let at = starts[bucket + 1]! - 1; at >= starts[bucket]!; at--) {
          const j = members[at]!;
          if (j <= i) break;
          const bits = distance(words, i, j);
          if (bits > NEAR_BITS || foundBefore(words, i, j, band)) continue;
          const a = rows[i]!;
          const b = rows[j]!;
          if (!compare(a, b) || !alike(looks, statistics, a, b, i, j)) continue;
          onPair(a, b, bits);
        }
      }
    }
  }
}

function wordsOf(hashes: Uint8Array, rows: Uint32Array): Uint32Array {
  const words = new Uint32Array(2 * rows.length);
  const view = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  for (let i = 0; i < rows.length; i++) {
    words[2 * i] = view.getUint32(rows[i]! * HASH_BYTES);
    words[2 * i + 1] = view.getUint32(rows[i]! * HASH_BYTES + 4);
  }
  return words;
}

const bandOf = (words: Uint32Array, i: number, band: number): number =>
  (words[2 * i + (band >> 1)]! >>> (band & 1 ? 0 : BAND_BITS)) & 0xffff;

const distance = (words: Uint32Array, i: number, j: number): number =>
  popcount(words[2 * i]! ^ words[2 * j]!) + popcount(words[2 * i + 1]! ^ words[2 * j + 1]!);

/** Whether an earlier band has led to this pair. */
function foundBefore(words: Uint32Array, i: number, j: number, band: number): boolean {
  for (let earlier = 0; earlier < band; earlier++)
    if (popcount(bandOf(words, i, earlier) ^ bandOf(words, j, earlier)) <= 1) return true;
  return false;
}

/** Counting sort by the band's 16 bits. */
function bucketsOf(words: Uint32Array, n: number, band: number) {
  const starts = new Uint32Array((1 << BAND_BITS) + 1);
  for (let i = 0; i < n; i++) starts[bandOf(words, i, band) + 1]!++;
  for (let bucket = 0; bucket < 1 << BAND_BITS; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const next = starts.slice();
  const members = new Uint32Array(n);
  for (let i = 0; i < n; i++) members[next[bandOf(words, i, band)]!++] = i;
  return { starts, members };
}

/** Mean and norm around the mean of every look, `[n, 2]`. */
function lookStatistics(looks: Uint8Array, rows: Uint32Array): Float32Array {
  const statistics = new Float32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const at = rows[i]! * LOOK_BYTES;
    let sum = 0;
    let squares = 0;
    for (let k = at; k < at + LOOK_BYTES; k++) {
      sum += looks[k]!;
      squares += looks[k]! * looks[k]!;
    }
    statistics[2 * i] = sum / LOOK_BYTES;
    statistics[2 * i + 1] = Math.sqrt(Math.max(0, squares - (sum * sum) / LOOK_BYTES));
  }
  return statistics;
}

function alike(
  looks: Uint8Array,
  statistics: Float32Array,
  a: number,
  b: number,
  i: number,
  j: number,
): boolean {
  const meanA = statistics[2 * i]!;
  const meanB = statistics[2 * j]!;
  const norms = statistics[2 * i + 1]! * statistics[2 * j + 1]!;
  if (norms === 0)
    return (
      statistics[2 * i + 1] === statistics[2 * j + 1] && Math.abs(meanA - meanB) <= FLAT_LEVELS
    );
  let products = 0;
  for (let k = 0; k < LOOK_BYTES; k++)
    products += (looks[a * LOOK_BYTES + k]! - meanA) * (looks[b * LOOK_BYTES + k]! - meanB);
  return products / norms >= NEAR_CORRELATION;
}
