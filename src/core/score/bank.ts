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

/** Products of a block of queries with the bank are this large at most (32 MiB). */
const BLOCK_VALUES = 2 ** 23;

/**
 * The `k` rows of the bank with the largest inner products with each query, by their float32 products.
 * @param queries `[count, units]`
 * @param visit called for each query in order, with its k products and their rows, in no particular order except that
 * the smallest product comes first
 */
export async function largestProducts(
  bank: { readonly data: Float32Array; readonly count: number },
  queries: Features,
  k: number,
  context: ScoreContext | undefined,
  visit: (query: number, products: Float32Array, rows: Int32Array) => void,
): Promise<void> {
  const algebra = context?.algebra ?? plainAlgebra;
  const { units, count } = queries;
  const operand = algebra.prepare(bank.data, { inner: units, columns: bank.count }, true);
  const block = Math.max(1, Math.floor(BLOCK_VALUES / bank.count));
  const product = (start: number): Promise<Float32Array> | null =>
    start < count
      ? operand.multiply(
          queries.data.subarray(start * units, Math.min(count, start + block) * units),
          Math.min(block, count - start),
        )
      : null;
  const heap = new SmallestFirst(k);
  const pacer = new Pacer();
  let next = product(0);
  for (let start = 0; next; start += block) {
    throwIfAborted(context?.signal);
    const products = await next;
    // Computed while this thread selects.
    next = product(start + block);
    for (let row = 0; row < products.length / bank.count; row++) {
      heap.select(products, row * bank.count, bank.count);
      visit(start + row, heap.values, heap.rows);
      await pacer.pause();
    }
  }
}

/** A heap of the k largest values seen, the smallest of them on top. */
class SmallestFirst {
  readonly values: Float32Array;
  readonly rows: Int32Array;

  constructor(k: number) {
    this.values = new Float32Array(k);
    this.rows = new Int32Array(k);
  }

  select(data: Float32Array, offset: number, count: number): void {
    const { values } = this;
    values.fill(-Infinity);
    let smallest = -Infinity;
    for (let i = 0; i < count; i++) {
      const value = data[offset + i]!;
      if (value <= smallest) continue;
      this.replaceTop(value, i);
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
