/** Operating thresholds that people chose: appended only, so that every earlier decision can be seen. */
import { createId } from './ids.ts';
import { type StoreContext, transaction } from './context.ts';
import { integer, type Row, text } from './rows.ts';

/** A threshold on one score of one model. */
export interface ThresholdRow {
  readonly id: string;
  readonly modelId: string;
  readonly detector: string;
  readonly idDatasetId: string;
  /** On S, larger = more in-distribution: an image is kept when S >= value. */
  readonly value: number;
  /** Share of the ID validation images that it keeps, 0 to 1, and how many there were. */
  readonly keptOfValidation: number;
  readonly validationImages: number;
  readonly author: string;
  readonly reason: string;
  readonly createdAt: string;
}

/** Adds a decision; earlier ones stay. */
export function addThreshold(
  context: StoreContext,
  threshold: Omit<ThresholdRow, 'id' | 'createdAt'>,
): ThresholdRow {
  const now = context.now();
  const row = { ...threshold, id: createId('threshold', now), createdAt: now.toISOString() };
  transaction(context, () =>
    context.db
      .prepare(
        `INSERT INTO thresholds (id, model_id, detector, id_dataset_id, value, kept_of_validation,
           validation_images, author, reason, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.modelId,
        row.detector,
        row.idDatasetId,
        row.value,
        row.keptOfValidation,
        row.validationImages,
        row.author,
        row.reason,
        row.createdAt,
      ),
  );
  return row;
}

/** Every decision about a model, newest first. @param modelId full id */
export function listThresholds(context: StoreContext, modelId: string): readonly ThresholdRow[] {
  return context.db
    .prepare('SELECT * FROM thresholds WHERE model_id = ? ORDER BY rowid DESC')
    .all(modelId)
    .map(toThreshold);
}

const toThreshold = (row: Row): ThresholdRow => ({
  id: text(row, 'id'),
  modelId: text(row, 'model_id'),
  detector: text(row, 'detector'),
  idDatasetId: text(row, 'id_dataset_id'),
  value: integer(row, 'value'),
  keptOfValidation: integer(row, 'kept_of_validation'),
  validationImages: integer(row, 'validation_images'),
  author: text(row, 'author'),
  reason: text(row, 'reason'),
  createdAt: text(row, 'created_at'),
});
