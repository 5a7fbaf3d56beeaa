/** What the data sheet and the quality section say of one set, counted from its columns. */
import { FLAGS } from '../../datasets/analyse/flags.ts';
import { SPLIT_CODES } from '../../query/image-index.ts';
import type { DataQuality, DatasetResult, DataSheet } from '../audit.ts';
import { HASH_BYTES, hashAt, labelAt, statusIs, type SetColumns } from '../columns.ts';
import { MerkleTree } from '../merkle.ts';
import { exactGroups } from './copies.ts';

const SHOWN = 50;
const SAMPLES = 12;
const SIZES = 10;

/** What follows from the columns alone. */
export type SetNumbers = Pick<
  DatasetResult,
  | 'discovered'
  | 'ok'
  | 'failed'
  | 'excluded'
  | 'relabelled'
  | 'bytes'
  | 'splits'
  | 'classCounts'
  | 'failures'
  | 'sheet'
  | 'quality'
>;

export function setNumbers(set: SetColumns): SetNumbers {
  const usable = rowsWith(set, 'ok');
  const failed = rowsWith(set, 'failed');
  const excluded = rowsWith(set, 'excluded');
  const told = (rows: readonly number[]) =>
    rows
      .slice(0, SHOWN)
      .map((row) => ({ path: set.paths[row]!, reason: set.reasons.get(row) ?? '' }));
  const classBySplit = bySplit(set, usable);
  const inSplit = (split: 'train' | 'val' | 'test'): number =>
    usable.reduce((n, row) => (set.splits[row] === SPLIT_CODES[split] ? n + 1 : n), 0);
  return {
    discovered: set.paths.length,
    ok: usable.length,
    failed: failed.length,
    excluded: excluded.length,
    relabelled: usable.reduce((n, row) => n + set.relabelled[row]!, 0),
    bytes: set.bytes.reduce((sum, bytes) => sum + bytes, 0),
    splits: { train: inSplit('train'), val: inSplit('val'), test: inSplit('test') },
    classCounts: classBySplit.map(({ train, val, test, unsplit }) => train + val + test + unsplit),
    failures: told(failed),
    sheet: { classBySplit, ...sizesOf(set, usable), ...merkleOf(set), samples: samplesOf(set, usable) }, // prettier-ignore
    quality: {
      measured: set.findings !== null,
      skipped: told(failed),
      skippedTotal: failed.length,
      excluded: told(excluded),
      exactDuplicates: duplicatesOf(set, usable),
      ...findingsOf(set, usable),
      balance: balanceOf(classBySplit),
    },
  };
}

function rowsWith(set: SetColumns, status: 'ok' | 'failed' | 'excluded'): number[] {
  const rows: number[] = [];
  for (let row = 0; row < set.paths.length; row++) if (statusIs(set, row, status)) rows.push(row);
  return rows;
}

function bySplit(set: SetColumns, usable: readonly number[]): DataSheet['classBySplit'] {
  const table = set.classes.map((name) => ({ class: name, train: 0, val: 0, test: 0, unsplit: 0 }));
  const names = ['unsplit', 'train', 'val', 'test'] as const;
  for (const row of usable) {
    const entry = table[set.labels[row]!];
    if (entry) entry[names[set.splits[row]!]!]++;
  }
  return table;
}

function sizesOf(set: SetColumns, usable: readonly number[]) {
  const extent = (column: Uint32Array): DataSheet['width'] => {
    if (usable.length === 0) return null;
    const sorted = Uint32Array.from(usable, (row) => column[row]!).sort();
    return {
      smallest: sorted[0]!,
      median: sorted[Math.floor(sorted.length / 2)]!,
      largest: sorted.at(-1)!,
    };
  };
  const counts = new Map<number, number>();
  const FACTOR = 2 ** 20;
  for (const row of usable) {
    const key = set.widths[row]! * FACTOR + set.heights[row]!;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const commonest = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return {
    width: extent(set.widths),
    height: extent(set.heights),
    sizes: commonest
      .slice(0, SIZES)
      .map(([key, images]) => ({ width: Math.floor(key / FACTOR), height: key % FACTOR, images })),
    otherSizes: commonest.slice(SIZES).reduce((sum, [, images]) => sum + images, 0),
  };
}

function merkleOf(set: SetColumns) {
  const tree = new MerkleTree();
  for (const [row, path] of set.paths.entries()) {
    const hash = set.hashes.subarray(HASH_BYTES * row, HASH_BYTES * (row + 1));
    if (hash.some((byte) => byte !== 0)) tree.add(path, hash);
  }
  return { merkleRoot: tree.root(), merkleLeaves: tree.size };
}

/** Every class has its turn: rows in the order of their classes, taken at equal distances. */
function samplesOf(set: SetColumns, usable: readonly number[]): DataSheet['samples'] {
  const ordered = usable
    .filter((row) => hashAt(set, row) !== '')
    .sort((a, b) => set.labels[a]! - set.labels[b]! || a - b);
  const count = Math.min(SAMPLES, ordered.length);
  return Array.from({ length: count }, (_, i) => {
    const row = ordered[Math.floor(((i + 0.5) * ordered.length) / count)]!;
    return { path: set.paths[row]!, sha256: hashAt(set, row), label: labelAt(set, row) };
  });
}

function duplicatesOf(set: SetColumns, usable: readonly number[]): DataQuality['exactDuplicates'] {
  const groups = exactGroups(set, usable).filter((size) => size > 1);
  const images = groups.reduce((sum, size) => sum + size, 0);
  return { groups: groups.length, images, redundant: images - groups.length };
}

function findingsOf({ findings }: SetColumns, usable: readonly number[]) {
  if (findings === null) return { nearDuplicates: null, flags: null };
  const groups = new Set<number>();
  let images = 0;
  const flagged = FLAGS.map((flag) => ({ flag, images: 0 }));
  for (const row of usable) {
    const group = findings.nearGroups[row]!;
    if (group >= 0) {
      groups.add(group);
      images++;
    }
    const bits = findings.flags[row]!;
    if (bits > 0) for (const [bit, entry] of flagged.entries()) entry.images += (bits >> bit) & 1;
  }
  return { nearDuplicates: { groups: groups.size, images }, flags: flagged };
}

function balanceOf(table: DataSheet['classBySplit']): DataQuality['balance'] {
  const counts = table.map(({ class: name, train, val, test, unsplit }) => ({ name, n: train + val + test + unsplit })); // prettier-ignore
  counts.sort((a, b) => a.n - b.n);
  const [smallest] = counts;
  const largest = counts.at(-1);
  if (!smallest || !largest || smallest.n === 0) return null;
  return {
    smallest: smallest.name,
    smallestImages: smallest.n,
    largest: largest.name,
    largestImages: largest.n,
    ratio: largest.n / smallest.n,
  };
}
