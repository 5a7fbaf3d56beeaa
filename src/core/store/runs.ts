/** Runs: every job that was started, its state and how it ended. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { ensureFolder, itemFolder, type StoreContext, transaction, unusedId } from './context.ts';
import { resolveId } from './ids.ts';
import { writeRecord } from './records.ts';
import { integerOrNull, json, type Row, text, textOrNull, word } from './rows.ts';

const states = [
  'pending',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
  'interrupted',
] as const;

/** `interrupted`: its process died; it can go on from the last checkpoint, as can `failed` and `cancelled`. */
export type RunState = (typeof states)[number];

const ended: readonly RunState[] = ['succeeded', 'failed', 'cancelled', 'interrupted'];

const errorSchema = z.object({ code: z.string(), message: z.string() }).nullable();

/** Shape of a run's `record.json`. */
export const runSchema = z.object({
  id: z.string(),
  /** `scan`, `pretrain`, `finetune`, `score`, `audit`, ... */
  kind: z.string(),
  state: z.enum(states),
  /** All that is needed to start it again; plain JSON. */
  config: z.unknown(),
  /** The model it made or works on. */
  modelId: z.string().nullable(),
  createdAt: z.string(),
  /** When it first ran. */
  startedAt: z.string().nullable(),
  /** When it last ended; null while it can still go on by itself. */
  endedAt: z.string().nullable(),
  error: errorSchema,
  /** Smaller starts sooner; null when it does not wait in the queue. */
  queuePosition: z.int().nullable().default(null),
  /** Set when it was taken off the list. */
  removedAt: z.string().nullable().default(null),
});

/** A stored run; its events and checkpoints are in `runFolder(id)`. */
export type RunRow = Readonly<z.infer<typeof runSchema>>;

/** What may change in a run. */
export interface RunChange {
  readonly state?: RunState;
  readonly modelId?: string | null;
  readonly error?: { readonly code: string; readonly message: string } | null;
  readonly queuePosition?: number | null;
  readonly removedAt?: string | null;
}

/** Makes a `pending` run and its folder. @param config plain JSON */
export function createRun(
  context: StoreContext,
  run: {
    readonly kind: string;
    readonly config: unknown;
    readonly modelId?: string | null;
    readonly queuePosition?: number | null;
  },
): RunRow {
  return transaction(context, () => {
    const row: RunRow = {
      id: unusedId(context, 'run'),
      kind: run.kind,
      state: 'pending',
      config: run.config,
      modelId: run.modelId ?? null,
      createdAt: context.now().toISOString(),
      startedAt: null,
      endedAt: null,
      error: null,
      queuePosition: run.queuePosition ?? null,
      removedAt: null,
    };
    ensureFolder(itemFolder(context.folder, 'run', row.id));
    saveRun(context, row);
    writeRecord(context.folder, 'run', row);
    return row;
  });
}

/** Writes the row alone, in the caller's transaction. Also restores rows from their records. */
export function saveRun(context: StoreContext, row: RunRow): void {
  context.db
    .prepare(
      `INSERT INTO runs (id, kind, state, config, model_id, created_at, started_at, ended_at, error,
         queue_position, removed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, model_id = excluded.model_id,
         started_at = excluded.started_at, ended_at = excluded.ended_at, error = excluded.error,
         queue_position = excluded.queue_position, removed_at = excluded.removed_at`,
    )
    .run(
      row.id,
      row.kind,
      row.state,
      JSON.stringify(row.config ?? null),
      row.modelId,
      row.createdAt,
      row.startedAt,
      row.endedAt,
      row.error === null ? null : JSON.stringify(row.error),
      row.queuePosition,
      row.removedAt,
    );
}

/**
 * Changes a run. `startedAt` and `endedAt` follow the state; going back to `running` clears the error.
 * @param id the full id
 * @throws AppError('internal') when a run that succeeded would change its state
 */
export function updateRun(context: StoreContext, id: string, change: RunChange): RunRow {
  return transaction(context, () => {
    const before = getRun(context, id);
    const state = change.state ?? before.state;
    if (before.state === 'succeeded' && state !== 'succeeded') {
      throw new AppError('internal', `Run ${id} has succeeded; it cannot become ${state}.`);
    }
    const now = context.now().toISOString();
    const starts = state === 'running' && before.state !== 'running';
    const row: RunRow = {
      ...before,
      state,
      modelId: change.modelId === undefined ? before.modelId : change.modelId,
      startedAt: before.startedAt ?? (starts ? now : null),
      endedAt: ended.includes(state) ? (state === before.state ? before.endedAt : now) : null,
      error: change.error !== undefined ? change.error : starts ? null : before.error,
      queuePosition:
        state !== 'pending'
          ? null
          : change.queuePosition === undefined
            ? before.queuePosition
            : change.queuePosition,
      removedAt: change.removedAt === undefined ? before.removedAt : change.removedAt,
    };
    saveRun(context, row);
    writeRecord(context.folder, 'run', row);
    return row;
  });
}

/**
 * Marks runs that were going on when their process died. Called when the workspace has just been
 * locked, so no other process can be at work on them. `paused` runs stay paused, and runs that wait in the
 * queue go on waiting.
 * @returns their ids
 */
export function interruptRuns(context: StoreContext): readonly string[] {
  const rows = listRuns(context).filter(
    ({ state, queuePosition }) =>
      state === 'running' || (state === 'pending' && queuePosition === null),
  );
  return rows.map(({ id }) => updateRun(context, id, { state: 'interrupted' }).id);
}

function toRun(row: Row): RunRow {
  return {
    id: text(row, 'id'),
    kind: text(row, 'kind'),
    state: word(row, 'state', states),
    config: json(row, 'config'),
    modelId: textOrNull(row, 'model_id'),
    createdAt: text(row, 'created_at'),
    startedAt: textOrNull(row, 'started_at'),
    endedAt: textOrNull(row, 'ended_at'),
    error: row.error === null ? null : errorSchema.parse(json(row, 'error')),
    queuePosition: integerOrNull(row, 'queue_position'),
    removedAt: textOrNull(row, 'removed_at'),
  };
}

/** All runs, oldest first. */
export function listRuns(context: StoreContext): readonly RunRow[] {
  return context.db.prepare('SELECT * FROM runs ORDER BY created_at, id').all().map(toRun);
}

/** Finds a run by its id or the beginning of it. @throws AppError('not-found' | 'usage') */
export function getRun(context: StoreContext, wanted: string): RunRow {
  const rows = listRuns(context).map((run) => ({ id: run.id, name: run.kind, run }));
  return resolveId('run', wanted, rows).run;
}
