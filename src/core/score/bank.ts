/** Normalised training features that images are compared with: the memory of KNN and NNGuide. */
import { plainAlgebra } from '../linalg/plain-algebra.ts';
import { Pacer } from '../pace.ts';
import { Random } from '../random.ts';
import { throwIfAborted } from '../errors.ts';
import type { CheckedBlock, TrainingReader } from './training-reader.ts';
import type { Features, ScoreContext } from './types.ts';

/** So many images, and so many numbers (256 MiB), are kept at most. */
const MOST_IMAGES = 50_000;
const MOST_VALUES = 2 ** 26;
const SEED = 2022;

export interface Bank {
  /** Rows of length 1 (0 where an image has no active unit), `[count, units]`. */
  readonly data: Float32Array;
  readonly count: number;
  readonly notes: readonly string[];
}

/**
 * Features of the training images in their order, divided by their length; of a seeded sample where there are too many.
 * @param weigh factors of the rows of a block
 */
export async function fillBank<N extends 'features' | 'logits'>(
  reader: TrainingReader,
  needs: readonly ('features' | N)[],
  weigh?: (block: CheckedBlock<'features' | N>) => Float64Array,
  mostImages = MOST_IMAGES,
): Promise<Bank> {
  const { count: all, lastLayer } = reader.training;
  const { units } = lastLayer;
  const most = Math.min(mostImages, Math.floor(MOST_VALUES / units));
  const wanted = Math.min(all, most);
  const random = new Random(SEED);
  let bank = new Float32Array(wanted * units);
  let taken = 0;
  let seen = 0;
  for await (const block of reader.blocks(needs)) {
    const { features } = block as CheckedBlock<'features'>;
    const factors = weigh?.(block);
    for (let row = 0; row < features.count; row++) {
      // Selection sampling (Knuth, TAOCP 3.4.2, algorithm S): every image has the same chance.
      const take = wanted === all || random.uniform() * (all - seen) < wanted - taken;
      seen++;
      if (!take) continue;
      normaliseInto(bank, taken++ * units, features, row, factors?.[row] ?? 1);
    }
  }
  if (taken * units < bank.length) bank = bank.slice(0, taken * units);
  const number = (n: number): string => n.toLocaleString('en-US');
  return {
    data: bank,
    count: taken,
    notes: [
      ...reader.notes,
      ...(wanted < all
        ? [
            `Compared with ${number(taken)} of ${number(all)} training images, drawn with a fixed seed, to bound memory.`,
          ]
        : []),
    ],
  };
}

function normaliseInto(
  target: Float32Array,
  at: number,
  { data, units }: Features,
  row: number,
  factor = 1,
): void {
  let squares = 0;
  for (let j = row * units; j < (row + 1) * units; j++) squares += data[j]! ** 2;
  const by = squares === 0 ? 0 : factor / Math.sqrt(squares);
  for (let j = 0; j < units; j++) target[at + j] = data[row * units + j]! * by;
}

/** Rows divided by their lengths; a row of zeros stays so. */
export function normalised(features: Features): Float32Array {
  const result = new Float32Array(features.data.length);
  for (let row = 0; row < features.count; row++)
    normaliseInto(result, row * features.units, features, row);
  return result;
}

/** Queries that are compared at a time, and rows of the bank: their products (16 MiB) stay in reach. */
const QUERIES_AT_ONCE = 256;
const ROWS_AT_ONCE = 4096;

/** Parts of banks, so that an algebra that is asked twice for the same part knows it again. */
const bankParts = new WeakMap<Float32Array, readonly Float32Array[]>();

function partsOf(bank: Float32Array, units: number): readonly Float32Array[] {
  const known = bankParts.get(bank);
  if (known) return known;
  const size = ROWS_AT_ONCE * units;
  const parts = Array.from({ length: Math.ceil(bank.length / size) }, (_, i) =>
    bank.subarray(i * size, (i + 1) * size),
  );
  bankParts.set(bank, parts);
  return parts;
}

/**
 * The `k` rows of the bank with the largest inner products with each query, by their float32 products.
 * @param bank `[rows, units]`; must not change
 * @param k at most the number of rows
 * @param visit called for each query in order, with its k products and their rows; the smallest product comes first,
 * the others in no particular order
 */
export async function largestProducts(
  bank: Float32Array,
  { data, count, units }: Features,
  k: number,
  context: ScoreContext | undefined,
  visit: (query: number, products: Float32Array, rows: Int32Array) => void,
): Promise<void> {
  const algebra = context?.algebra ?? plainAlgebra;
  const pacer = new Pacer();
  for (let start = 0; start < count; start += QUERIES_AT_ONCE) {
    const queries = Math.min(QUERIES_AT_ONCE, count - start);
    const block = data.subarray(start * units, (start + queries) * units);
    const multiply = (part: Float32Array): Promise<Float32Array> =>
      algebra
        .prepare(part, { inner: units, columns: part.length / units }, true)
        .multiply(block, queries);
    const heaps = Array.from({ length: queries }, () => new SmallestFirst(k));
    const parts = partsOf(bank, units);
    let next = multiply(parts[0]!);
    for (const [i, part] of parts.entries()) {
      const products = await next;
      throwIfAborted(context?.signal);
      const following = parts[i + 1];
      if (following) {
        // Computed while this thread selects; a failure is for the `await` above, not for the process.
        next = multiply(following);
        next.catch(() => undefined);
      }
      const rows = part.length / units;
      for (const [query, heap] of heaps.entries()) {
        heap.select(products, query * rows, rows, i * ROWS_AT_ONCE);
        await pacer.pause();
      }
    }
    heaps.forEach(({ values, rows }, query) => {
      visit(start + query, values, rows);
    });
  }
}

/** A heap of the k largest values seen, the smallest of them on top. */
class SmallestFirst {
  readonly values: Float32Array;
  readonly rows: Int32Array;

  constructor(k: number) {
    this.values = new Float32Array(k).fill(-Infinity);
    this.rows = new Int32Array(k);
  }

  /** @param first row that the first value belongs to */
  select(data: Float32Array, offset: number, count: number, first: number): void {
    const { values } = this;
    let smallest = values[0]!;
    for (let i = 0; i < count; i++) {
      const value = data[offset + i]!;
      if (value <= smallest) continue;
      this.replaceTop(value, first + i);
      smallest = values[0]!;
    }
  }

  private replaceTop(value: number, row: number): void {
    const { values, rows } = this;
    const k = values.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= k) break;
      if (child + 1 < k && values[child + 1]! < values[child]!) child++;
      if (values[child]! >= value) break;
      values[at] = values[child]!;
      rows[at] = rows[child]!;
      at = child;
    }
    values[at] = value;
    rows[at] = row;
  }
}
