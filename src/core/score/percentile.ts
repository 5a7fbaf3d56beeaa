/** The exact percentile of more values than fit in memory. */
import { quantile } from '../metrics/percentile.ts';

const BINS = 65_536;

/** An unsigned integer in the order of the float32 values, of their bits. */
const sortable = (bits: number): number => (bits & 0x8000_0000 ? ~bits : bits | 0x8000_0000) >>> 0;

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

function valueOf(key: number): number {
  const bits = key & 0x8000_0000 ? key & 0x7fff_ffff : ~key;
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

/** Which bin the value of this rank falls into, and its rank there. */
function binOf(
  counts: Float64Array,
  rank: number,
): { readonly bin: number; readonly rank: number } {
  let before = 0;
  let bin = 0;
  while (before + counts[bin]! <= rank) before += counts[bin++]!;
  return { bin, rank: rank - before };
}

/**
 * The exact percentile, linear between neighbours as numpy's, in bounded memory by two readings: the first counts the
 * upper halves of the values' bits, the second the lower halves where the percentile lies.
 * @param read gives the same values each time, at least one, no NaN
 * @param percent 0 to 100
 */
export async function streamedPercentile(
  read: () => AsyncIterable<Float32Array>,
  percent: number,
): Promise<number> {
  const upper = new Float64Array(BINS);
  let count = 0;
  for await (const values of read()) {
    const bits = bitsOf(values);
    for (let i = 0; i < bits.length; i++) upper[sortable(bits[i]!) >>> 16]!++;
    count += values.length;
  }
  const position = (percent / 100) * (count - 1);
  const rank = Math.floor(position);
  const find = (place: number) => ({ ...binOf(upper, place), lower: new Float64Array(BINS) });
  const low = find(rank);
  const high = find(Math.min(rank + 1, count - 1));
  for await (const values of read()) {
    const bits = bitsOf(values);
    for (let i = 0; i < bits.length; i++) {
      const key = sortable(bits[i]!);
      const bin = key >>> 16;
      if (bin === low.bin) low.lower[key & 0xffff]!++;
      if (bin === high.bin) high.lower[key & 0xffff]!++;
    }
  }
  const [a, b] = [low, high].map(({ bin, rank: place, lower }) =>
    valueOf(((bin << 16) | binOf(lower, place).bin) >>> 0),
  );
  return quantile(Float64Array.of(a!, b!), position - rank);
}
