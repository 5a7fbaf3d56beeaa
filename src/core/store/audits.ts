/** Audits: the reports that were made. */
import { z } from 'zod';
import { itemFolder, type StoreContext, transaction } from './context.ts';
import { resolveId } from './ids.ts';
import { writeRecord } from './records.ts';
import { json, type Row, text } from './rows.ts';

/** Shape of an audit's `record.json`. */
export const auditSchema = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.string(),
  /** Summary for lists; plain JSON. The numbers themselves are in the folder's `report.json`. */
  json: z.unknown(),
});

/** A stored audit. */
export type AuditRow = Readonly<z.infer<typeof auditSchema>> & {
  /** Absolute path of `report.pdf`, `report.json` and `per-image.csv`. */
  readonly folder: string;
};

/** Adds an audit, with an id from `newId('audit')`. */
export function addAudit(
  context: StoreContext,
  audit: { readonly id: string; readonly title: string; readonly json: unknown },
): AuditRow {
  const { id, title } = audit;
  const row = { id, title, createdAt: context.now().toISOString(), json: audit.json };
  return transaction(context, () => {
    insertAudit(context, row);
    writeRecord(context.folder, 'audit', row);
    return { ...row, folder: itemFolder(context.folder, 'audit', id) };
  });
}

/** Writes the row alone, in the caller's transaction. Also restores rows from their records. */
export function insertAudit(context: StoreContext, row: z.infer<typeof auditSchema>): void {
  context.db
    .prepare('INSERT INTO audits (id, created_at, title, json) VALUES (?, ?, ?, ?)')
    .run(row.id, row.createdAt, row.title, JSON.stringify(row.json ?? null));
}

function toAudit(context: StoreContext, row: Row): AuditRow {
  const id = text(row, 'id');
  return {
    id,
    title: text(row, 'title'),
    createdAt: text(row, 'created_at'),
    json: json(row, 'json'),
    folder: itemFolder(context.folder, 'audit', id),
  };
}

/** All audits, oldest first. */
export function listAudits(context: StoreContext): readonly AuditRow[] {
  const rows = context.db.prepare('SELECT * FROM audits ORDER BY created_at, id').all();
  return rows.map((row) => toAudit(context, row));
}

/** Finds an audit by id, title or the beginning of its id. @throws AppError('not-found' | 'usage') */
export function getAudit(context: StoreContext, wanted: string): AuditRow {
  const rows = listAudits(context).map((audit) => ({ id: audit.id, name: audit.title, audit }));
  return resolveId('audit', wanted, rows).audit;
}
