/** Reading the image list of a dataset as columns. */
import { setImmediate } from 'node:timers/promises';
import type { ImageIndex } from '../query/image-index.ts';
import { ImageIndexBuilder } from '../query/image-index.ts';
import type { Split } from '../datasets/types.ts';
import type { StoreContext } from './context.ts';
import { integer, integerOrNull, text, word, wordOrNull } from './rows.ts';

const splits: readonly Split[] = ['train', 'val', 'test'];
const statuses = ['ok', 'failed', 'excluded'] as const;

/** Rows read before others get their turn: about 10 ms. */
const SLICE = 5000;

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
  const builder = new ImageIndexBuilder(count);
  for (let from = 0; from < count; from += SLICE) {
    for (const row of slice.iterate(datasetId, from, from + SLICE))
      builder.add({
        path: text(row, 'path'),
        classIndex: integerOrNull(row, 'class_index'),
        split: wordOrNull(row, 'split', splits),
        status: word(row, 'status', statuses),
        sha256: text(row, 'sha256'),
      });
    await setImmediate();
  }
  return builder.build();
}
