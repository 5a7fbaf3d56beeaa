/** Registered folders and their images. */
import { z } from 'zod';
import type {
  DatasetFormat,
  DatasetRole,
  ImageRecord,
  ImageStatus,
  Manifest,
  Split,
} from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { carryOver } from './analyses.ts';
import { type StoreContext, transaction, unusedId } from './context.ts';
import { resolveId } from './ids.ts';
import { writeRecord } from './records.ts';
import {
  integer,
  integerOrNull,
  json,
  type Row,
  text,
  textOrNull,
  word,
  wordOrNull,
} from './rows.ts';

const roles: readonly DatasetRole[] = ['id', 'ood'];
const formats: readonly DatasetFormat[] = ['folder', 'cifar-binary', 'idx'];
const splits: readonly Split[] = ['train', 'val', 'test'];
const statuses: readonly ImageStatus[] = ['ok', 'failed', 'excluded'];

const summarySchema = z.object({
  schema: z.literal('straylight.manifest/1'),
  classes: z.array(z.string()),
  symlinksSkipped: z.int(),
  otherFiles: z.int(),
  splitSource: z.enum(['folders', 'seeded', 'none']),
  splitSeed: z.number(),
  splitFractions: z.object({ val: z.number(), test: z.number() }).optional(),
  images: z.int(),
  ok: z.int(),
  failed: z.int(),
  excluded: z.int(),
});

/** The manifest without its images, and how many there are. */
export type DatasetSummary = Readonly<z.infer<typeof summarySchema>>;

/** Shape of a dataset's `record.json`. */
export const datasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['id', 'ood']),
  root: z.string(),
  format: z.enum(['folder', 'cifar-binary', 'idx']),
  summary: summarySchema,
  fingerprint: z.string(),
  scannedAt: z.string(),
  nearFar: z.enum(['near', 'far']).nullable(),
  /** Set while it is off the list. */
  removedAt: z.string().nullable().default(null),
});

/** A registered folder; its images are read with `loadManifest`. */
export type DatasetRow = Readonly<z.infer<typeof datasetSchema>>;

function summarise(manifest: Manifest): DatasetSummary {
  const counts = { ok: 0, failed: 0, excluded: 0 };
  for (const { status } of manifest.images) counts[status]++;
  const { schema, classes, symlinksSkipped, otherFiles, splitSource, splitSeed, splitFractions } =
    manifest;
  return {
    schema,
    classes: [...classes],
    symlinksSkipped,
    otherFiles,
    splitSource,
    splitSeed,
    ...(splitFractions ? { splitFractions } : {}),
    images: manifest.images.length,
    ...counts,
  };
}

/**
 * Registers a scanned folder, or brings it up to date: the same root keeps its id and its near/far
 * mark. When any image differs from before, the images are replaced and the scores of the old ones removed.
 */
export function registerDataset(context: StoreContext, manifest: Manifest): DatasetRow {
  return transaction(context, () => {
    const before = context.db.prepare('SELECT * FROM datasets WHERE root = ?').get(manifest.root);
    const row: DatasetRow = {
      id: before === undefined ? unusedId(context, 'dataset') : text(before, 'id'),
      name: manifest.name,
      role: manifest.role,
      root: manifest.root,
      format: manifest.format,
      summary: summarise(manifest),
      fingerprint: manifest.fingerprint,
      scannedAt: manifest.scannedAt,
      nearFar: before === undefined ? null : wordOrNull(before, 'near_far', ['near', 'far']),
      removedAt: null,
    };
    insertDataset(context, row);
    const known = loadImages(context, row.id);
    if (!sameImages(known, manifest.images)) {
      if (!sameContents(known, manifest.images)) carryOver(context, row.id, known, manifest.images);
      for (const table of ['images', 'scores']) {
        context.db.prepare(`DELETE FROM ${table} WHERE dataset_id = ?`).run(row.id);
      }
      insertImages(context, row.id, manifest.images);
    }
    writeRecord(context.folder, 'dataset', row);
    return row;
  });
}

/** Writes the row alone, in the caller's transaction. Also restores rows from their records. */
export function insertDataset(context: StoreContext, row: DatasetRow): void {
  context.db
    .prepare(
      `INSERT INTO datasets (id, name, role, root, format, summary, fingerprint, scanned_at, near_far,
         removed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
         root = excluded.root, format = excluded.format, summary = excluded.summary,
         fingerprint = excluded.fingerprint, scanned_at = excluded.scanned_at,
         near_far = excluded.near_far, removed_at = excluded.removed_at`,
    )
    .run(
      row.id,
      row.name,
      row.role,
      row.root,
      row.format,
      JSON.stringify(row.summary),
      row.fingerprint,
      row.scannedAt,
      row.nearFar,
      row.removedAt,
    );
}

function insertImages(context: StoreContext, id: string, images: readonly ImageRecord[]): void {
  const insert = context.db.prepare(
    `INSERT INTO images (dataset_id, ordinal, path, class_index, split, bytes, width, height,
       sha256, status, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const [ordinal, image] of images.entries()) {
    insert.run(
      id,
      ordinal,
      image.path,
      image.classIndex,
      image.split,
      image.bytes,
      image.width,
      image.height,
      image.sha256,
      image.status,
      image.reason,
    );
  }
}

function loadImages(context: StoreContext, id: string): ImageRecord[] {
  const rows = context.db
    .prepare('SELECT * FROM images WHERE dataset_id = ? ORDER BY ordinal')
    .iterate(id);
  return Array.from(rows, toRecord);
}

const toRecord = (row: Row): ImageRecord => ({
  path: text(row, 'path'),
  classIndex: integerOrNull(row, 'class_index'),
  split: wordOrNull(row, 'split', splits),
  bytes: integer(row, 'bytes'),
  width: integer(row, 'width'),
  height: integer(row, 'height'),
  sha256: text(row, 'sha256'),
  status: word(row, 'status', statuses),
  reason: text(row, 'reason'),
});

/** The records at some places, in the order asked for. @throws AppError('not-found') when a place does not exist */
export function loadRecords(
  context: StoreContext,
  datasetId: string,
  ordinals: Iterable<number>,
): readonly ImageRecord[] {
  const find = context.db.prepare('SELECT * FROM images WHERE dataset_id = ? AND ordinal = ?');
  return Array.from(ordinals, (ordinal) => {
    const row = find.get(datasetId, ordinal);
    if (row === undefined)
      throw new AppError(
        'not-found',
        `Dataset ${datasetId} has no image ${ordinal}; it was scanned again since. Reload the list.`,
      );
    return toRecord(row);
  });
}

function sameImages(a: readonly ImageRecord[], b: readonly ImageRecord[]): boolean {
  return (
    a.length === b.length &&
    a.every((image, i) => {
      const other = b[i]!;
      return (
        image.path === other.path &&
        image.sha256 === other.sha256 &&
        image.classIndex === other.classIndex &&
        image.split === other.split &&
        image.status === other.status &&
        image.reason === other.reason &&
        image.bytes === other.bytes &&
        image.width === other.width &&
        image.height === other.height
      );
    })
  );
}

/** Whether every place holds the same file as before, whatever class or split it is in now. */
const sameContents = (a: readonly ImageRecord[], b: readonly ImageRecord[]): boolean =>
  a.length === b.length &&
  a.every(({ path, sha256, status }, i) => {
    const other = b[i]!;
    return path === other.path && sha256 === other.sha256 && status === other.status;
  });

function toDataset(row: Row): DatasetRow {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    role: word(row, 'role', roles),
    root: text(row, 'root'),
    format: word(row, 'format', formats),
    summary: summarySchema.parse(json(row, 'summary')),
    fingerprint: text(row, 'fingerprint'),
    scannedAt: text(row, 'scanned_at'),
    nearFar: wordOrNull(row, 'near_far', ['near', 'far']),
    removedAt: textOrNull(row, 'removed_at'),
  };
}

/** All registered folders that are on the list, oldest first. */
export function listDatasets(context: StoreContext): readonly DatasetRow[] {
  return allDatasets(context).filter(({ removedAt }) => removedAt === null);
}

/** Those that were taken off the list. */
export function listRemovedDatasets(context: StoreContext): readonly DatasetRow[] {
  return allDatasets(context).filter(({ removedAt }) => removedAt !== null);
}

const allDatasets = (context: StoreContext): readonly DatasetRow[] =>
  context.db.prepare('SELECT * FROM datasets ORDER BY id').all().map(toDataset);

/** Finds a dataset by id, name, root or the beginning of its id. @throws AppError('not-found' | 'usage') */
export function getDataset(context: StoreContext, wanted: string): DatasetRow {
  // By its full id a removed one is still found: models and scores refer to it.
  const byId = context.db.prepare('SELECT * FROM datasets WHERE id = ?').get(wanted);
  if (byId) return toDataset(byId);
  const rows = listDatasets(context);
  return rows.find(({ root }) => root === wanted) ?? resolveId('dataset', wanted, rows);
}

/** Marks an OOD set as near or far (OpenOOD's terms), or takes the mark away. */
export function setNearFar(
  context: StoreContext,
  wanted: string,
  nearFar: 'near' | 'far' | null,
): DatasetRow {
  return changeDataset(context, wanted, { nearFar });
}

/** Gives a dataset another name. */
export function renameDataset(context: StoreContext, wanted: string, name: string): DatasetRow {
  return changeDataset(context, wanted, { name });
}

/** Takes a dataset off the list. Its rows, scores and files stay, so that `restoreDataset` brings all back. */
export function removeDataset(context: StoreContext, wanted: string): DatasetRow {
  return changeDataset(context, wanted, { removedAt: context.now().toISOString() });
}

/** @param id full id of a dataset that was removed */
export function restoreDataset(context: StoreContext, id: string): DatasetRow {
  return changeDataset(context, id, { removedAt: null });
}

function changeDataset(
  context: StoreContext,
  wanted: string,
  change: Partial<Pick<DatasetRow, 'name' | 'nearFar' | 'removedAt'>>,
): DatasetRow {
  const row = { ...getDataset(context, wanted), ...change };
  return transaction(context, () => {
    insertDataset(context, row);
    writeRecord(context.folder, 'dataset', row);
    return row;
  });
}

/**
 * The manifest as it was registered, without the decisions of curation.
 * @throws AppError('invalid-data') when the image list was lost with a damaged database
 */
export function loadRegistered(context: StoreContext, wanted: string): Manifest {
  const { id, name, root, role, format, summary, fingerprint, scannedAt } = getDataset(
    context,
    wanted,
  );
  const images = loadImages(context, id);
  if (images.length !== summary.images) {
    throw new AppError(
      'invalid-data',
      `Dataset ${name}: its list of ${summary.images} images was lost with a damaged database. ` +
        `Scan ${root} again.`,
    );
  }
  const { schema, classes, symlinksSkipped, otherFiles, splitSource, splitSeed, splitFractions } =
    summary;
  return {
    schema,
    name,
    root,
    role,
    format,
    classes,
    images,
    symlinksSkipped,
    otherFiles,
    splitSource,
    splitSeed,
    ...(splitFractions ? { splitFractions } : {}),
    fingerprint,
    scannedAt,
  };
}

/** Totals that no column in memory holds. */
export interface DatasetTotals {
  readonly bytes: number;
  /** Distinct sizes of readable images, most frequent first, at most eight. */
  readonly sizes: readonly {
    readonly width: number;
    readonly height: number;
    readonly count: number;
  }[];
}

/** Bytes and sizes of the images of a dataset. @param datasetId full id */
export function datasetTotals({ db }: StoreContext, datasetId: string): DatasetTotals {
  const total = db
    .prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM images WHERE dataset_id = ?')
    .get(datasetId);
  const sizes = db
    .prepare(
      `SELECT width, height, count(*) AS n FROM images WHERE dataset_id = ? AND status = 'ok'
       GROUP BY width, height ORDER BY n DESC, width, height LIMIT 8`,
    )
    .all(datasetId);
  return {
    bytes: integer(total, 'bytes'),
    sizes: sizes.map((row) => ({
      width: integer(row, 'width'),
      height: integer(row, 'height'),
      count: integer(row, 'n'),
    })),
  };
}
