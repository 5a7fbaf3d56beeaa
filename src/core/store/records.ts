/**
 * A copy of each row beside the files it belongs to (`record.json`), so that the rows can be restored
 * when the database is lost. Written before the row's transaction commits.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomicSync } from './atomic.ts';
import { ensureFolder, itemFolder, parentFolder } from './context.ts';
import type { IdKind } from './ids.ts';

const fileName = 'record.json';
const schemaName = 'straylight.record/1';

/** @throws AppError('no-space' | 'unreadable' | ...) */
export function writeRecord(folder: string, kind: IdKind, row: { readonly id: string }): void {
  const path = itemFolder(folder, kind, row.id);
  ensureFolder(path);
  const record = { schema: schemaName, kind, row };
  writeFileAtomicSync(join(path, fileName), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Reads the records of one kind, in the order of their ids.
 * @returns rows that are valid, and the folders whose record is missing or damaged
 */
export function readRecords<Row extends { readonly id: string }>(
  folder: string,
  kind: IdKind,
  rowSchema: z.ZodType<Row>,
): { readonly rows: readonly Row[]; readonly unreadable: readonly string[] } {
  const parent = parentFolder(folder, kind);
  const rows: Row[] = [];
  const unreadable: string[] = [];
  const schema = z.object({
    schema: z.literal(schemaName),
    kind: z.literal(kind),
    row: rowSchema,
  });
  const entries = existsSync(parent) ? readdirSync(parent, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of names.sort()) {
    try {
      const { row } = schema.parse(JSON.parse(readFileSync(join(parent, name, fileName), 'utf8')));
      if (row.id !== name) throw new Error('record of another folder');
      rows.push(row);
    } catch {
      unreadable.push(join(parent, name));
    }
  }
  return { rows, unreadable };
}
