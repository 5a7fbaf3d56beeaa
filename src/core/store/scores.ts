/** Which model was scored on which dataset, and where its files are: `models/<id>/scores/<dataset>-<random>/`. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recoverLeftovers } from './atomic.ts';
import { itemFolder, parentFolder, type StoreContext, transaction } from './context.ts';
import { integer, integerOrNull, type Row, text } from './rows.ts';
import { openScoreFolder, type Perturbation, type ScoreFolder, type ScoreShape, ScoreWriter } from './score-files.ts'; // prettier-ignore

/** A model and a dataset, both full ids. */
export interface ScoreKey {
  readonly modelId: string;
  readonly datasetId: string;
}

/** One stored scoring. */
export interface ScoreRow extends ScoreKey, ScoreShape {
  /** Of the dataset when it was scored. */
  readonly fingerprint: string;
  readonly savedAt: string;
  /** Scored images. */
  readonly images: number;
}

/** Columns with where they belong. */
export type StoredScores = ScoreRow & ScoreFolder;

const scoresFolder = (context: StoreContext, modelId: string): string =>
  join(itemFolder(context.folder, 'model', modelId), 'scores');

/** A writer whose files count only after `saveScores`. */
export function newScores(
  context: StoreContext,
  { modelId, datasetId }: ScoreKey,
  shape: ScoreShape,
): Promise<ScoreWriter> {
  const name = `${datasetId}-${randomBytes(6).toString('hex')}`;
  return ScoreWriter.create(join(scoresFolder(context, modelId), name), shape);
}

/**
 * Puts what was written in place of the former scores of this model on this dataset.
 * @param key with the dataset's fingerprint at the time of scoring
 */
export async function saveScores(
  context: StoreContext,
  key: ScoreKey & { readonly fingerprint: string },
  writer: ScoreWriter,
): Promise<void> {
  await writer.finish();
  const { modelId, datasetId, fingerprint } = key;
  const name = writer.folder.slice(scoresFolder(context, modelId).length + 1);
  const find = context.db.prepare('SELECT * FROM scores WHERE model_id = ? AND dataset_id = ?');
  const before = transaction(context, () => {
    const old = find.get(modelId, datasetId);
    const { classes, units, stages, perturbed } = writer.shape;
    context.db
      .prepare(
        `INSERT OR REPLACE INTO scores (model_id, dataset_id, fingerprint, saved_at, folder, images,
           classes, units, stages, perturbed_temperature, perturbed_epsilon)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        modelId,
        datasetId,
        fingerprint,
        context.now().toISOString(),
        name,
        writer.count,
        classes,
        units,
        stages ?? 0,
        perturbed?.temperature ?? null,
        perturbed?.epsilon ?? null,
      );
    context.db
      .prepare(
        'INSERT OR IGNORE INTO first_scores (model_id, dataset_id, first_at) VALUES (?, ?, ?)',
      )
      .run(modelId, datasetId, context.now().toISOString());
    return old;
  });
  if (before === undefined) return;
  const folder = join(scoresFolder(context, modelId), text(before, 'folder'));
  await rm(folder, { recursive: true, force: true });
}

const current = `SELECT scores.* FROM scores JOIN datasets ON datasets.id = scores.dataset_id
  WHERE scores.fingerprint = datasets.fingerprint`;

/** What is scored and still true; scores of a dataset that has changed are not among them. */
export function listScores(context: StoreContext): readonly ScoreRow[] {
  return context.db.prepare(`${current} ORDER BY saved_at`).all().map(toRow);
}

/**
 * The scores of a model on a dataset; null when it has not been scored, or has changed since.
 * @throws AppError `invalid-data` when the files are damaged
 */
export async function loadScores(
  context: StoreContext,
  { modelId, datasetId }: ScoreKey,
): Promise<StoredScores | null> {
  const row = context.db
    .prepare(`${current} AND model_id = ? AND dataset_id = ?`)
    .get(modelId, datasetId);
  if (row === undefined) return null;
  const known = toRow(row);
  const folder = join(scoresFolder(context, modelId), text(row, 'folder'));
  return { ...known, ...(await openScoreFolder(folder, known)) };
}

const toRow = (row: Row): ScoreRow => ({
  modelId: text(row, 'model_id'),
  datasetId: text(row, 'dataset_id'),
  fingerprint: text(row, 'fingerprint'),
  savedAt: text(row, 'saved_at'),
  images: integer(row, 'images'),
  classes: integer(row, 'classes'),
  units: integer(row, 'units'),
  stages: integer(row, 'stages'),
  perturbed: perturbationOf(row),
});

function perturbationOf(row: Row): Perturbation | null {
  const temperature = integerOrNull(row, 'perturbed_temperature');
  const epsilon = integerOrNull(row, 'perturbed_epsilon');
  return temperature === null || epsilon === null ? null : { temperature, epsilon };
}

/** Removes score files that no row names: of a process that died, or of images that were replaced. */
export function sweepScores(context: StoreContext): void {
  const kept = new Set(
    context.db
      .prepare('SELECT folder FROM scores')
      .all()
      .map((row) => text(row, 'folder')),
  );
  const models = parentFolder(context.folder, 'model');
  for (const { name } of readdirSync(models, { withFileTypes: true })) {
    const folder = join(models, name, 'scores');
    if (!existsSync(folder)) continue;
    recoverLeftovers(folder);
    for (const scores of readdirSync(folder))
      if (!kept.has(scores)) rmSync(join(folder, scores), { recursive: true, force: true });
  }
}
