/**
 * The curation log: rows in the database, and a line each in `curation.jsonl`, from which the rows are restored
 * when the database is lost. Nothing in either is ever changed or removed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replay, standingOf, type CurationState, type Standing } from '../curate/replay.ts';
import type { CurationAction, CurationTargets, LogEntry } from '../curate/types.ts';
import { imagesOf } from '../curate/effective-manifest.ts';
import type { Manifest } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { type StoreContext, transaction } from './context.ts';
import { EventLog, readEvents } from './events.ts';
import { createId } from './ids.ts';
import { blob, integer, json, type Row, text, textOrNull, word } from './rows.ts';

const SHA256_BYTES = 32;

const actionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tag'), tag: z.string() }),
  z.object({ type: z.literal('untag'), tag: z.string() }),
  z.object({ type: z.literal('exclude') }),
  z.object({ type: z.literal('include') }),
  z.object({ type: z.literal('relabel'), className: z.string().nullable() }),
  z.object({ type: z.literal('note'), text: z.string() }),
]);
const entryShape = { id: z.string(), time: z.string(), author: z.string(), reason: z.string() };
const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    ...entryShape,
    kind: z.literal('apply'),
    action: actionSchema,
    targets: z.array(
      z.object({
        datasetId: z.string(),
        paths: z.array(z.string()),
        sha256s: z.array(z.string()),
        ordinals: z.array(z.number()).transform((ordinals) => Uint32Array.from(ordinals)),
      }),
    ),
  }),
  z.object({ ...entryShape, kind: z.enum(['undo', 'redo']), target: z.string() }),
]);

/** What is decided, by whom and why. */
export interface NewDecision {
  readonly action: CurationAction;
  readonly targets: readonly CurationTargets[];
  readonly author: string;
  readonly reason: string;
}

const logFile = (folder: string): string => join(folder, 'curation.jsonl');

/** The log of an open workspace. Read once, then kept in memory. */
export class CurationLog {
  /** Grows with every entry: tells whether something that was derived from the log is still current. */
  get version(): number {
    return this.entries().length;
  }

  private readonly context: StoreContext;
  private known: LogEntry[] | null = null;
  private standing: Standing | null = null;
  private file: EventLog | null = null;

  constructor(context: StoreContext) {
    this.context = context;
  }

  /** Oldest first. */
  entries(): readonly LogEntry[] {
    this.known ??= readLog(this.context);
    return this.known;
  }

  /** What is in force. */
  current(): Standing {
    this.standing ??= standingOf(this.entries());
    return this.standing;
  }

  /** What is in force for one dataset. @param manifest as it was registered */
  stateOf(datasetId: string, manifest: Manifest): CurationState {
    return replay(this.current().active, imagesOf(datasetId, manifest));
  }

  /** @throws AppError('usage') when no image is meant */
  apply({ action, targets, author, reason }: NewDecision): LogEntry {
    const meant = targets.filter(({ paths }) => paths.length > 0);
    if (meant.length === 0)
      throw new AppError('usage', 'No image is selected. Select one or more, then do it again.');
    return this.append({ ...this.stamp(author, reason), kind: 'apply', action, targets: meant });
  }

  /** Takes the latest decision in force back. @returns null when there is none */
  undo(author: string): LogEntry | null {
    const { nextUndo } = this.current();
    if (!nextUndo) return null;
    return this.append({ ...this.stamp(author, ''), kind: 'undo', target: nextUndo.id });
  }

  /** Brings the latest decision that was taken back into force again. @returns null when there is none */
  redo(author: string): LogEntry | null {
    const { nextRedo } = this.current();
    if (!nextRedo) return null;
    return this.append({ ...this.stamp(author, ''), kind: 'redo', target: nextRedo.id });
  }

  close(): void {
    this.file?.close();
  }

  private stamp(author: string, reason: string) {
    const now = this.context.now();
    let id = createId('entry', now);
    while (this.entries().some((entry) => entry.id === id)) id = createId('entry', now);
    return { id, time: now.toISOString(), author, reason };
  }

  private append(entry: LogEntry): LogEntry {
    const entries = this.entries();
    transaction(this.context, () => {
      insertEntry(this.context, entry, entries.length);
      this.file ??= new EventLog(logFile(this.context.folder));
      this.file.append(lineOf(entry));
      this.file.sync();
    });
    this.known = [...entries, entry];
    this.standing = null;
    return entry;
  }
}

const lineOf = (entry: LogEntry): object =>
  entry.kind !== 'apply'
    ? entry
    : {
        ...entry,
        targets: entry.targets.map((target) => ({ ...target, ordinals: [...target.ordinals] })),
      };

function insertEntry({ db }: StoreContext, entry: LogEntry, position: number): void {
  const applied = entry.kind === 'apply';
  db.prepare(
    `INSERT INTO curation_log (position, id, kind, target, action, time, author, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    position,
    entry.id,
    entry.kind,
    applied ? null : entry.target,
    applied ? JSON.stringify(entry.action) : null,
    entry.time,
    entry.author,
    entry.reason,
  );
  if (!applied) return;
  const insert = db.prepare(
    `INSERT INTO curation_targets (position, dataset_id, images, paths, hashes, ordinals)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  for (const { datasetId, paths, sha256s, ordinals } of entry.targets) {
    const hashes = Buffer.alloc(SHA256_BYTES * paths.length);
    for (const [k, sha256] of sha256s.entries()) hashes.write(sha256, SHA256_BYTES * k, 'hex');
    insert.run(
      position,
      datasetId,
      paths.length,
      Buffer.from(paths.join('\0')),
      hashes,
      new Uint8Array(ordinals.buffer, ordinals.byteOffset, ordinals.byteLength),
    );
  }
}

function readLog({ db }: StoreContext): LogEntry[] {
  const targets = new Map<number, CurationTargets[]>();
  for (const row of db.prepare('SELECT * FROM curation_targets').iterate()) {
    const position = integer(row, 'position');
    const known = targets.get(position) ?? [];
    known.push(targetsOf(row));
    targets.set(position, known);
  }
  return db
    .prepare('SELECT * FROM curation_log ORDER BY position')
    .all()
    .map((row): LogEntry => {
      const entry = {
        id: text(row, 'id'),
        time: text(row, 'time'),
        author: text(row, 'author'),
        reason: text(row, 'reason'),
      };
      const kind = word(row, 'kind', ['apply', 'undo', 'redo']);
      if (kind !== 'apply') return { ...entry, kind, target: textOrNull(row, 'target') ?? '' };
      return {
        ...entry,
        kind,
        action: actionSchema.parse(json(row, 'action')),
        targets: targets.get(integer(row, 'position')) ?? [],
      };
    });
}

const noHash = '0'.repeat(2 * SHA256_BYTES);

function targetsOf(row: Row): CurationTargets {
  const hashes = Buffer.from(blob(row, 'hashes')).toString('hex');
  const paths = Buffer.from(blob(row, 'paths')).toString().split('\0');
  return {
    datasetId: text(row, 'dataset_id'),
    paths,
    sha256s: paths.map((_, k) => {
      const sha256 = hashes.slice(2 * SHA256_BYTES * k, 2 * SHA256_BYTES * (k + 1));
      return sha256 === noHash ? '' : sha256;
    }),
    ordinals: new Uint32Array(blob(row, 'ordinals')),
  };
}

/** Fills the tables of a new database from `curation.jsonl`, in the caller's transaction. @returns entries restored */
export function restoreCuration(context: StoreContext): number {
  const path = logFile(context.folder);
  if (!existsSync(path)) return 0;
  const known = new Set<string>();
  for (const line of readEvents(path).events) {
    const { success, data } = lineSchema.safeParse(line);
    if (!success || known.has(data.id)) continue;
    if (data.kind !== 'apply' && !known.has(data.target)) continue;
    insertEntry(context, data, known.size);
    known.add(data.id);
  }
  return known.size;
}
