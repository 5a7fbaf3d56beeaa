/** Models: one row per set of weights, with its lineage. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { itemFolder, type StoreContext, transaction } from './context.ts';
import { resolveId } from './ids.ts';
import { writeRecord } from './records.ts';
import { json, type Row, text, textOrNull } from './rows.ts';

/** Shape of a model's `record.json`. */
export const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The model it was fine-tuned from; null for a pretrained or imported one. */
  parentId: z.string().nullable(),
  /** The ID set it was trained on; null when unknown. */
  datasetId: z.string().nullable(),
  /** `before`, `control`, `sparse`, `imported`. */
  role: z.string(),
  /** `cross-entropy`, `sparsity`. */
  objective: z.string(),
  preset: z.string(),
  /** Hex SHA-256 of the weight file. */
  weightsSha256: z.string(),
  createdAt: z.string(),
  /** Architecture, classes, normalisation and whatever else belongs to the model; plain JSON. */
  json: z.unknown(),
  /** Set while it is off the list. */
  removedAt: z.string().nullable().default(null),
});

/** A stored model; its files are in `modelFolder(id)`. */
export type ModelRow = Readonly<z.infer<typeof modelSchema>> & {
  /** Absolute path of its files. */
  readonly folder: string;
};

/** What `addModel` is given; `createdAt` is set by the store. */
export type NewModel = Omit<ModelRow, 'createdAt' | 'folder' | 'removedAt'>;

/**
 * Adds a model whose files have been saved under `modelFolder(id)`, with an id from `newId('model')`.
 * @throws AppError('not-found') when the folder is not there
 */
export function addModel(context: StoreContext, model: NewModel): ModelRow {
  const folder = itemFolder(context.folder, 'model', model.id);
  if (!existsSync(folder)) {
    throw new AppError(
      'not-found',
      `Model ${model.name}: its folder ${folder} does not exist. Save the weights first.`,
    );
  }
  const row = { ...model, createdAt: context.now().toISOString(), removedAt: null };
  return transaction(context, () => {
    insertModel(context, row);
    writeRecord(context.folder, 'model', row);
    return { ...row, folder };
  });
}

/** Writes the row alone, in the caller's transaction. Also restores rows from their records. */
export function insertModel(context: StoreContext, row: z.infer<typeof modelSchema>): void {
  context.db
    .prepare(
      `INSERT INTO models (id, name, parent_id, dataset_id, role, objective, preset,
         weights_sha256, created_at, json, removed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, json = excluded.json,
         removed_at = excluded.removed_at`,
    )
    .run(
      row.id,
      row.name,
      row.parentId,
      row.datasetId,
      row.role,
      row.objective,
      row.preset,
      row.weightsSha256,
      row.createdAt,
      JSON.stringify(row.json ?? null),
      row.removedAt,
    );
}

function toModel(context: StoreContext, row: Row): ModelRow {
  const id = text(row, 'id');
  return {
    id,
    name: text(row, 'name'),
    parentId: textOrNull(row, 'parent_id'),
    datasetId: textOrNull(row, 'dataset_id'),
    role: text(row, 'role'),
    objective: text(row, 'objective'),
    preset: text(row, 'preset'),
    weightsSha256: text(row, 'weights_sha256'),
    createdAt: text(row, 'created_at'),
    json: json(row, 'json'),
    removedAt: textOrNull(row, 'removed_at'),
    folder: itemFolder(context.folder, 'model', id),
  };
}

/** All models on the list, oldest first. */
export function listModels(context: StoreContext): readonly ModelRow[] {
  return allModels(context).filter(({ removedAt }) => removedAt === null);
}

/** Those that were taken off the list. */
export function listRemovedModels(context: StoreContext): readonly ModelRow[] {
  return allModels(context).filter(({ removedAt }) => removedAt !== null);
}

function allModels(context: StoreContext): readonly ModelRow[] {
  const rows = context.db.prepare('SELECT * FROM models ORDER BY created_at, id').all();
  return rows.map((row) => toModel(context, row));
}

/** Renames a model, or changes what its `json` says. */
export function changeModel(
  context: StoreContext,
  wanted: string,
  change: Partial<Pick<ModelRow, 'name' | 'json' | 'removedAt'>>,
): ModelRow {
  const model = { ...getModel(context, wanted), ...change };
  const row = modelSchema.parse(model);
  return transaction(context, () => {
    insertModel(context, row);
    writeRecord(context.folder, 'model', row);
    return model;
  });
}

/** Takes a model off the list. Its files and scores stay, so that `restoreModel` brings all back. */
export function removeModel(context: StoreContext, wanted: string): ModelRow {
  return changeModel(context, wanted, { removedAt: context.now().toISOString() });
}

/** @param id full id of a model that was removed */
export function restoreModel(context: StoreContext, id: string): ModelRow {
  return changeModel(context, id, { removedAt: null });
}

/** Finds a model by id, name or the beginning of its id. @throws AppError('not-found' | 'usage') */
export function getModel(context: StoreContext, wanted: string): ModelRow {
  // By its full id a removed one is still found: its children and its scores refer to it.
  const removed = listRemovedModels(context).find(({ id }) => id === wanted);
  return removed ?? resolveId('model', wanted, listModels(context));
}
