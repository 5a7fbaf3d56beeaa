/** Experiments: the same training repeated with several seeds, as one row. Their runs carry the id as `groupId`. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type StoreContext, transaction, unusedId } from './context.ts';
import { resolveId } from './ids.ts';
import { writeRecord } from './records.ts';
import { json, type Row } from './rows.ts';

/** `pending`: goes on by itself at the next start of the engine; `interrupted`: its process died. */
const states = ['pending', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;
export type ExperimentState = (typeof states)[number];

/** Shape of an experiment's `record.json`. */
export const experimentSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(states),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  /** What to do, `ExperimentConfig`; plain JSON. */
  config: z.unknown(),
  /** What came of it, `ExperimentResult`; null until it is done. */
  result: z.unknown(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  removedAt: z.string().nullable(),
});

/** A stored experiment. */
export type ExperimentRow = Readonly<z.infer<typeof experimentSchema>>;

export type ExperimentChange = Partial<
  Pick<ExperimentRow, 'name' | 'state' | 'result' | 'error' | 'removedAt'>
>;

/** Makes one that waits. @param config plain JSON */
export function createExperiment(
  context: StoreContext,
  { name, config }: { readonly name: string; readonly config: unknown },
): ExperimentRow {
  return transaction(context, () => {
    const row: ExperimentRow = {
      id: unusedId(context, 'experiment'),
      name,
      state: 'pending',
      createdAt: context.now().toISOString(),
      endedAt: null,
      config,
      result: null,
      error: null,
      removedAt: null,
    };
    saveExperiment(context, row);
    writeRecord(context.folder, 'experiment', row);
    return row;
  });
}

/** Writes the row alone, in the caller's transaction. Also restores rows from their records. */
export function saveExperiment(context: StoreContext, row: ExperimentRow): void {
  context.db
    .prepare(
      `INSERT INTO experiments (id, created_at, json) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET json = excluded.json`,
    )
    .run(row.id, row.createdAt, JSON.stringify(row));
}

/** Changes an experiment; `endedAt` follows the state. @param id the full id */
export function updateExperiment(
  context: StoreContext,
  id: string,
  change: ExperimentChange,
): ExperimentRow {
  return transaction(context, () => {
    const before = getExperiment(context, id);
    const state = change.state ?? before.state;
    const going = state === 'pending' || state === 'running';
    const row: ExperimentRow = {
      ...before,
      error: state === before.state ? before.error : null,
      ...change,
      endedAt: going ? null : (before.endedAt ?? context.now().toISOString()),
    };
    saveExperiment(context, row);
    writeRecord(context.folder, 'experiment', row);
    return row;
  });
}

/** Marks those whose process died, when the workspace has just been locked. @returns their ids */
export function interruptExperiments(context: StoreContext): readonly string[] {
  return listExperiments(context)
    .filter(({ state }) => state === 'running')
    .map(({ id }) => updateExperiment(context, id, { state: 'interrupted' }).id);
}

function toExperiment(row: Row): ExperimentRow {
  const parsed = experimentSchema.safeParse(json(row, 'json'));
  if (parsed.success) return parsed.data;
  throw new AppError('internal', `An experiment cannot be read: ${parsed.error.message}`);
}

/** All experiments, oldest first, removed ones too. */
export function listExperiments(context: StoreContext): readonly ExperimentRow[] {
  return context.db
    .prepare('SELECT json FROM experiments ORDER BY created_at, id')
    .all()
    .map(toExperiment);
}

/** Finds an experiment by id, name or the beginning of its id. @throws AppError('not-found' | 'usage') */
export function getExperiment(context: StoreContext, wanted: string): ExperimentRow {
  const rows = listExperiments(context);
  const exact = rows.find(({ id }) => id === wanted);
  return exact ?? resolveId('experiment', wanted, rows.filter(({ removedAt }) => removedAt === null)); // prettier-ignore
}
