/** Reading the image list of a dataset as columns. */
import { setImmediate } from 'node:timers/promises';
import type { ImageStatus, Split } from '../datasets/types.ts';
import { ImageIndexBuilder, type ImageIndex } from '../query/image-index.ts';
import type { StoreContext } from './context.ts';
import { integer } from './rows.ts';

/** Rows read before others get their turn: about 10 ms. */
const SLICE = 5000;

/** Arrays instead of objects, and no checks: a million rows in half the time. The columns are what the CHECKs allow. */
type Columns = [string, number | null, Split | null, ImageStatus, string];

/**
 * The columns of every image of a dataset, without a JavaScript object for each.
 * @param datasetId full id
 */
export async function loadImageIndex(
  context: StoreContext,
  datasetId: string,
): Promise<ImageIndex> {
  const count = integer(
    context.db.prepare('SELECT count(*) AS n FROM images WHERE dataset_id = ?').get(datasetId),
    'n',
  );
  const slice = context.db.prepare(
    `SELECT path, class_index, split, status, sha256 FROM images
     WHERE dataset_id = ? AND ordinal >= ? AND ordinal < ? ORDER BY ordinal`,
  );
  slice.setReturnArrays(true);
  const builder = new ImageIndexBuilder(count);
  for (let from = 0; from < count; from += SLICE) {
    const rows = slice.all(datasetId, from, from + SLICE) as unknown as readonly Columns[];
    for (const [path, classIndex, split, status, sha256] of rows)
      builder.add({ path, classIndex, split, status, sha256 });
    await setImmediate();
  }
  return builder.build();
}

/** What a data sheet tells of images beside their index. */
export interface ImageFacts {
  readonly bytes: Float64Array;
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  /** Why an image was not usable at the scan, by ordinal. */
  readonly reasons: ReadonlyMap<number, string>;
}

/** Sizes of every image of a dataset. @param datasetId full id */
export async function loadImageFacts(
  context: StoreContext,
  datasetId: string,
  count: number,
): Promise<ImageFacts> {
  const slice = context.db.prepare(
    `SELECT ordinal, bytes, width, height, reason FROM images
     WHERE dataset_id = ? AND ordinal >= ? AND ordinal < ? ORDER BY ordinal`,
  );
  slice.setReturnArrays(true);
  const bytes = new Float64Array(count);
  const widths = new Uint32Array(count);
  const heights = new Uint32Array(count);
  const reasons = new Map<number, string>();
  for (let from = 0; from < count; from += SLICE) {
    const rows = slice.all(datasetId, from, from + SLICE) as unknown as readonly [number, number, number, number, string][]; // prettier-ignore
    for (const [ordinal, size, width, height, reason] of rows) {
      bytes[ordinal] = size;
      widths[ordinal] = width;
      heights[ordinal] = height;
      if (reason !== '') reasons.set(ordinal, reason);
    }
    await setImmediate();
  }
  return { bytes, widths, heights, reasons };
}
