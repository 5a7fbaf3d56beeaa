/** Opening `workspace.sqlite`: checks, repair by moving aside, restoring rows from records. */
import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { auditSchema, insertAudit } from './audits.ts';
import { experimentSchema, saveExperiment } from './experiments.ts';
import { restoreCuration } from './curation.ts';
import { databaseError, databasePath, sqliteCode, sqliteCodes, type StoreContext, transaction } from './context.ts'; // prettier-ignore
import { datasetSchema, insertDataset } from './datasets.ts';
import { diskError } from './disk-errors.ts';
import { lockedError, lockHolder } from './lock.ts';
import { insertModel, modelSchema } from './models.ts';
import { insertReport, reportSchema } from './reports.ts';
import { readRecords } from './records.ts';
import { integer, text } from './rows.ts';
import { runSchema, saveRun } from './runs.ts';
import { checkSqliteVersion, migrate } from './schema.ts';

/** Raised inside this file when `quick_check` finds damage that no call has run into. */
class DamagedDatabase extends Error {}

/**
 * Opens the database of a workspace whose lock is held. A damaged file is moved aside and a fresh one
 * takes its place, with what the records in the folders can restore.
 * @returns the open database and sentences for the user about what was repaired
 * @throws AppError('locked' | 'invalid-data' | 'runtime-missing' | 'no-space' | 'unreadable')
 */
export function openDatabase(
  folder: string,
  now: () => Date,
): { readonly db: DatabaseSync; readonly warnings: readonly string[] } {
  checkSqliteVersion(process.versions.sqlite);
  const warnings: string[] = [];
  let opened: { db: DatabaseSync; fresh: boolean };
  try {
    opened = connect(folder);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = moveAside(folder, now());
    warnings.push(
      `Workspace ${folder}: the database was damaged. It was moved to ${aside} and a new one made.`,
    );
    opened = connect(folder);
  }
  const { db, fresh } = opened;
  try {
    if (fresh) warnings.push(...restoreRows({ db, folder, now }));
    db.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('clean', '0')");
  } catch (error) {
    db.close();
    throw databaseError(error, folder);
  }
  return { db, warnings };
}

/** Notes that the last writer finished in order, then closes. Never throws: there is nothing left to do. */
export function closeDatabase(db: DatabaseSync, clean: boolean): void {
  try {
    if (clean) db.exec("UPDATE meta SET value = '1' WHERE key = 'clean'");
  } catch {
    // The next open finds the flag unset and checks the file.
  }
  db.close();
}

function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  const damaged = code === sqliteCodes.corrupt || code === sqliteCodes.notDatabase;
  return damaged || error instanceof DamagedDatabase;
}

function connect(folder: string): { db: DatabaseSync; fresh: boolean } {
  const path = databasePath(folder);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    // Exclusive: the operating system's lock on the file ends with the process, whatever happens.
    db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;' +
        'PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; COMMIT',
    );
    const fresh = integer(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get(), 'n') === 0;
    migrate(db, path);
    const flag = db.prepare("SELECT value FROM meta WHERE key = 'clean'").get();
    if (!fresh && (flag === undefined || text(flag, 'value') !== '1')) {
      const verdict = text(db.prepare('PRAGMA quick_check(1)').get(), 'quick_check');
      if (verdict !== 'ok') throw new DamagedDatabase(verdict);
    }
    return { db, fresh };
  } catch (error) {
    db?.close();
    if (sqliteCode(error) === sqliteCodes.busy) {
      const holder = lockHolder(folder);
      throw lockedError(folder, holder?.pid === process.pid ? null : holder);
    }
    throw isDamage(error) ? error : databaseError(error, folder);
  }
}

function moveAside(folder: string, now: Date): string {
  const path = databasePath(folder);
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let aside = `${path}.damaged-${stamp}`;
  for (let i = 2; existsSync(aside); i++) aside = `${path}.damaged-${stamp}-${i}`;
  try {
    renameSync(path, aside);
    // The write-ahead log keeps its place beside the file, so that SQLite's tools can still use it.
    for (const suffix of ['-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
  } catch (error) {
    throw diskError(error, path, null);
  }
  return aside;
}

function restoreRows(context: StoreContext): string[] {
  const { folder } = context;
  const datasets = readRecords(folder, 'dataset', datasetSchema);
  const models = readRecords(folder, 'model', modelSchema);
  const runs = readRecords(folder, 'run', runSchema);
  const audits = readRecords(folder, 'audit', auditSchema);
  const experiments = readRecords(folder, 'experiment', experimentSchema);
  const reports = readRecords(folder, 'report', reportSchema);
  const byRoot = new Map(datasets.rows.map((row) => [row.root, row]));
  const datasetIds = new Set([...byRoot.values()].map(({ id }) => id));
  const modelIds = new Set(models.rows.map(({ id }) => id));
  const known = (ids: ReadonlySet<string>, id: string | null): string | null =>
    id !== null && ids.has(id) ? id : null;

  const decisions = transaction(context, () => {
    // A parent may come after its child.
    context.db.exec('PRAGMA defer_foreign_keys = ON');
    for (const row of byRoot.values()) insertDataset(context, row);
    for (const row of models.rows) {
      const parentId = known(modelIds, row.parentId);
      insertModel(context, { ...row, parentId, datasetId: known(datasetIds, row.datasetId) });
    }
    for (const row of runs.rows)
      saveRun(context, { ...row, modelId: known(modelIds, row.modelId) });
    for (const row of audits.rows) insertAudit(context, row);
    for (const row of experiments.rows) saveExperiment(context, row);
    for (const row of reports.rows) insertReport(context, row);
    return restoreCuration(context);
  });

  const all = [datasets, models, runs, audits, experiments, reports];
  const restored = all.reduce((sum, { rows }) => sum + rows.length, 0);
  const lost = all.flatMap(({ unreadable }) => unreadable);
  const warnings: string[] = [];
  if (restored > 0) {
    warnings.push(
      `Workspace ${folder}: restored ${byRoot.size} datasets, ${models.rows.length} models, ` +
        `${runs.rows.length} runs, ${experiments.rows.length} experiments, ${audits.rows.length} audits and ${reports.rows.length} reports from their folders. ` +
        'Image lists and scores are not restored: scan and score again where they are needed.',
    );
  }
  if (decisions > 0)
    warnings.push(`Workspace ${folder}: restored ${decisions} curation entries from their log.`);
  if (lost.length > 0) {
    warnings.push(
      `Workspace ${folder}: ${lost.length} folders have no readable record.json and were left ` +
        `alone: ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ', ...' : ''}.`,
    );
  }
  return warnings;
}
