/** Typed columns out of SQLite rows. The tables are STRICT, so a wrong type is a bug or damage. */
import type { SQLOutputValue } from 'node:sqlite';
import { AppError } from '../errors.ts';

/** One row as `node:sqlite` gives it. */
export type Row = Record<string, SQLOutputValue>;

function wrong(column: string): AppError {
  return new AppError(
    'internal',
    `workspace.sqlite: column ${column} holds an unexpected value. Close the program and report this.`,
  );
}

/** A text column. @throws AppError('internal') */
export function text(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value === 'string') return value;
  throw wrong(column);
}

/** A text column that may be empty. @throws AppError('internal') */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** A number column. @throws AppError('internal') */
export function integer(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value === 'number') return value;
  throw wrong(column);
}

/** A number column that may be empty. @throws AppError('internal') */
export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

/** One of the words that the table's CHECK allows. */
export function word<W extends string>(row: Row, column: string, words: readonly W[]): W {
  const found = words.find((known) => known === row[column]);
  if (found !== undefined) return found;
  throw wrong(column);
}

/** Like `word`, for columns that may be empty. */
export function wordOrNull<W extends string>(
  row: Row,
  column: string,
  words: readonly W[],
): W | null {
  return row[column] === null ? null : word(row, column, words);
}

/** The bytes as their own buffer, aligned for typed arrays. */
export function blob(row: Row, column: string): ArrayBuffer {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(column);
  const copy = new Uint8Array(value.length);
  copy.set(value);
  return copy.buffer;
}

/** JSON that this program wrote. */
export function json(row: Row, column: string): unknown {
  return JSON.parse(text(row, column));
}
