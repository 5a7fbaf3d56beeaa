/** Images of equal bytes: within a set, between splits and between sets. */
import type { Split } from '../../datasets/types.ts';
import { SPLIT_CODES } from '../../query/image-index.ts';
import type { Audit } from '../audit.ts';
import { HASH_BYTES, statusIs, type ReportColumns, type SetColumns } from '../columns.ts';

/** 32 characters; a million of them take less than half of what hex would. */
const keyAt = ({ hashes }: SetColumns, row: number): string =>
  Buffer.from(hashes.buffer, hashes.byteOffset + HASH_BYTES * row, HASH_BYTES).toString('latin1');

/** Sizes of the groups of images with the same bytes, in the order of their first images. */
export function exactGroups(set: SetColumns, rows: readonly number[]): readonly number[] {
  const sizes = new Map<string, number>();
  for (const row of rows) {
    const key = keyAt(set, row);
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return [...sizes.values()];
}

/** Images of the second part whose bytes are in the first: usable images only. */
export function leaks({ sets: [id, ...ood] }: ReportColumns): Audit['leakage'] {
  const train = keysOf(id, 'train');
  const val = keysOf(id, 'val');
  const all = keysOf(id, null);
  return [
    { between: 'ID train and ID test', images: countIn(train, id, 'test') },
    { between: 'ID val and ID test', images: countIn(val, id, 'test') },
    ...ood.map((set) => ({ between: `ID and ${set.name}`, images: countIn(all, set, null) })),
  ];
}

function* rowsOf(set: SetColumns, split: Split | null): Generator<number> {
  for (let row = 0; row < set.paths.length; row++)
    if (statusIs(set, row, 'ok') && (split === null || set.splits[row] === SPLIT_CODES[split]))
      yield row;
}

function keysOf(set: SetColumns, split: Split | null): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const row of rowsOf(set, split)) keys.add(keyAt(set, row));
  return keys;
}

function countIn(known: ReadonlySet<string>, set: SetColumns, split: Split | null): number {
  let images = 0;
  if (known.size > 0)
    for (const row of rowsOf(set, split)) if (known.has(keyAt(set, row))) images++;
  return images;
}
