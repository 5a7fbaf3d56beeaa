/** What the parts of the store share: the open database, the folder, the clock. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { AppError, messageOf } from '../errors.ts';
import { diskError } from './disk-errors.ts';
import { checkId, createId, type IdKind } from './ids.ts';

/** An open workspace as its parts see it. */
export interface StoreContext {
  readonly db: DatabaseSync;
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly now: () => Date;
}

/** Database file of a workspace. */
export const databasePath = (folder: string): string => join(folder, 'workspace.sqlite');

/** Primary SQLite result code (https://sqlite.org/rescode.html) of a failed call, or null. */
export function sqliteCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null;
}

/** Result codes the store acts upon. */
export const sqliteCodes = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notDatabase: 26,
} as const;

/** Says what a failed database call means for the user. */
export function databaseError(error: unknown, folder: string): AppError {
  if (error instanceof AppError) return error;
  const path = databasePath(folder);
  const withErrno = (errno: string): AppError =>
    diskError(
      Object.assign(new Error(messageOf(error), { cause: error }), { code: errno }),
      path,
      null,
    );
  switch (sqliteCode(error)) {
    case sqliteCodes.full:
      return withErrno('ENOSPC');
    case sqliteCodes.readOnly:
    case sqliteCodes.cantOpen:
      return withErrno('EACCES');
    case sqliteCodes.corrupt:
    case sqliteCodes.notDatabase:
      return new AppError(
        'invalid-data',
        `${path}: the database is damaged. Close the program and open the workspace again: ` +
          'it moves the damaged file aside and restores what the folders hold.',
        { cause: error },
      );
    case null:
      return diskError(error, path, null);
    default:
      return new AppError('internal', `${path}: ${messageOf(error)}.`, { cause: error });
  }
}

/**
 * Runs `work` in one transaction: all of it is kept, or nothing.
 * @throws AppError; anything `work` throws undoes the transaction
 */
export function transaction<Result>(context: StoreContext, work: () => Result): Result {
  const { db, folder } = context;
  try {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  } catch (error) {
    throw databaseError(error, folder);
  }
}

const parents = {
  dataset: 'datasets',
  model: 'models',
  run: 'runs',
  audit: 'audits',
  experiment: 'experiments',
  report: 'reports',
} as const;

/** The folder that holds the folders of one kind. */
export const parentFolder = (folder: string, kind: IdKind): string => join(folder, parents[kind]);

/**
 * The folder of one thing; it may not exist yet.
 * @throws AppError('usage') when `id` is not an id
 */
export function itemFolder(folder: string, kind: IdKind, id: string): string {
  return join(parentFolder(folder, kind), checkId(kind, id));
}

/** An id that neither the database nor the folders know. */
export function unusedId(context: StoreContext, kind: IdKind): string {
  const known = context.db.prepare(`SELECT 1 FROM ${parents[kind]} WHERE id = ?`);
  for (;;) {
    const id = createId(kind, context.now());
    const taken = known.get(id) !== undefined || existsSync(itemFolder(context.folder, kind, id));
    if (!taken) return id;
  }
}

/** Makes a folder and those above it. @throws AppError */
export function ensureFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw diskError(error, path, null);
  }
}
