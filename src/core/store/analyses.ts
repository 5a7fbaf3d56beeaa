/** What was measured of images and what followed from it. */
import {
  MEASUREMENT_VERSION,
  noMeasurements,
  QUALITIES,
  type Measurements,
  copyMeasurement,
  LOOK_BYTES,
} from '../datasets/analyse/measurements.ts';
import { HASH_BYTES } from '../datasets/analyse/perceptual-hash.ts';
import type { Analysis, SharedPair } from '../datasets/analyse/analyse.ts';
import type { ImageRecord } from '../datasets/types.ts';
import { type StoreContext, transaction } from './context.ts';
import { blob, text } from './rows.ts';

/** An analysis with its time. */
export interface StoredAnalysis extends Analysis {
  readonly analysedAt: string;
}

/** Images that a dataset shares with another; `first` belongs to the dataset that was asked about. */
export interface SharedImages {
  readonly otherId: string;
  readonly pairs: readonly SharedPair[];
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Saves or replaces the measurements of a dataset. */
export function saveMeasurements(
  context: StoreContext,
  datasetId: string,
  { measured, hashes, looks, qualities }: Measurements,
): void {
  transaction(context, () =>
    context.db
      .prepare(
        `INSERT OR REPLACE INTO measurements
           (dataset_id, version, measured, hashes, looks, qualities) VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(datasetId, MEASUREMENT_VERSION, measured, hashes, looks, bytesOf(qualities)),
  );
}

/** @returns null when nothing was measured, by this version of the measures, for so many images */
export function loadMeasurements(
  context: StoreContext,
  datasetId: string,
  images: number,
): Measurements | null {
  const row = context.db
    .prepare('SELECT * FROM measurements WHERE dataset_id = ? AND version = ?')
    .get(datasetId, MEASUREMENT_VERSION);
  if (row === undefined) return null;
  const columns = {
    measured: new Uint8Array(blob(row, 'measured')),
    hashes: new Uint8Array(blob(row, 'hashes')),
    looks: new Uint8Array(blob(row, 'looks')),
    qualities: new Float32Array(blob(row, 'qualities')),
  };
  const fits =
    columns.measured.length === images &&
    columns.hashes.length === images * HASH_BYTES &&
    columns.looks.length === images * LOOK_BYTES &&
    columns.qualities.length === images * QUALITIES.length;
  return fits ? columns : null;
}

/**
 * Saves or replaces what was found in a dataset and what it shares with others.
 * @param shared `first` of the pairs belongs to `datasetId`
 */
export function saveAnalysis(
  context: StoreContext,
  datasetId: string,
  { flags, exactGroups, nearGroups }: Analysis,
  shared: readonly SharedImages[],
): void {
  transaction(context, () => {
    context.db
      .prepare(
        `INSERT OR REPLACE INTO analyses
           (dataset_id, analysed_at, flags, exact_groups, near_groups) VALUES (?, ?, ?, ?, ?)`,
      )
      .run(
        datasetId,
        context.now().toISOString(),
        flags,
        bytesOf(exactGroups),
        bytesOf(nearGroups),
      );
    replaceShared(context, datasetId, shared);
  });
}

/** Null until the dataset, as it is registered now, was analysed. */
export function loadAnalysis(
  context: StoreContext,
  datasetId: string,
  images: number,
): StoredAnalysis | null {
  const row = context.db.prepare('SELECT * FROM analyses WHERE dataset_id = ?').get(datasetId);
  if (row === undefined) return null;
  const flags = new Uint8Array(blob(row, 'flags'));
  if (flags.length !== images) return null;
  return {
    flags,
    exactGroups: new Int32Array(blob(row, 'exact_groups')),
    nearGroups: new Int32Array(blob(row, 'near_groups')),
    analysedAt: text(row, 'analysed_at'),
  };
}

/** When a dataset was analysed last; null when it was not since its images changed. */
export function analysedAt(context: StoreContext, datasetId: string): string | null {
  const row = context.db
    .prepare('SELECT analysed_at FROM analyses WHERE dataset_id = ?')
    .get(datasetId);
  return row === undefined ? null : text(row, 'analysed_at');
}

function replaceShared(
  { db }: StoreContext,
  datasetId: string,
  shared: readonly SharedImages[],
): void {
  const remove = db.prepare('DELETE FROM shared_images WHERE first_id = ? AND second_id = ?');
  const insert = db.prepare(
    'INSERT INTO shared_images (first_id, second_id, pairs) VALUES (?, ?, ?)',
  );
  for (const { otherId, pairs } of shared) {
    const turned = datasetId > otherId;
    const [a, b] = turned ? [otherId, datasetId] : [datasetId, otherId];
    remove.run(a, b);
    if (pairs.length === 0) continue;
    const packed = new Int32Array(3 * pairs.length);
    for (const [i, { first, second, bits }] of pairs.entries())
      packed.set(turned ? [second, first, bits] : [first, second, bits], 3 * i);
    insert.run(a, b, bytesOf(packed));
  }
}

/** What a dataset shares with each other one that it was compared with. */
export function loadShared(context: StoreContext, datasetId: string): readonly SharedImages[] {
  const rows = context.db
    .prepare('SELECT * FROM shared_images WHERE first_id = ?1 OR second_id = ?1')
    .all(datasetId);
  return rows.map((row) => {
    const turned = text(row, 'second_id') === datasetId;
    const packed = new Int32Array(blob(row, 'pairs'));
    const pairs = Array.from({ length: packed.length / 3 }, (_, i): SharedPair => {
      const a = packed[3 * i]!;
      const b = packed[3 * i + 1]!;
      const bits = packed[3 * i + 2]!;
      return turned ? { first: b, second: a, bits } : { first: a, second: b, bits };
    });
    return { otherId: text(row, turned ? 'first_id' : 'second_id'), pairs };
  });
}

/**
 * Keeps what was measured of contents that are still there, and forgets what followed from the former images. In
 * the caller's transaction.
 */
export function carryOver(
  context: StoreContext,
  datasetId: string,
  before: readonly ImageRecord[],
  after: readonly ImageRecord[],
): void {
  const old = loadMeasurements(context, datasetId, before.length);
  for (const statement of [
    'DELETE FROM measurements WHERE dataset_id = ?1',
    'DELETE FROM analyses WHERE dataset_id = ?1',
    'DELETE FROM shared_images WHERE first_id = ?1 OR second_id = ?1',
  ])
    context.db.prepare(statement).run(datasetId);
  if (!old) return;
  const places = new Map<string, number>();
  for (const [i, { sha256 }] of before.entries()) if (old.measured[i] === 1) places.set(sha256, i);
  const columns = noMeasurements(after.length);
  for (const [i, { sha256 }] of after.entries()) {
    const place = places.get(sha256);
    if (place !== undefined) copyMeasurement(old, place, columns, i);
  }
  context.db
    .prepare(
      `INSERT INTO measurements (dataset_id, version, measured, hashes, looks, qualities)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(
      datasetId,
      MEASUREMENT_VERSION,
      columns.measured,
      columns.hashes,
      columns.looks,
      bytesOf(columns.qualities),
    );
}
