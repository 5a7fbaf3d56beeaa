/** Comma-separated values that spreadsheets open safely. */

/** Text, a number (written so that reading it back gives the same number), or nothing. */
export type CsvCell = string | number | null;

const quoted = /[",\r\n]/;
/** What makes a spreadsheet run a cell as a formula, or strip the beginning that hides one. */
const formula = /^'*[=+\-@\t\r\0]/;

/**
 * Lines of a CSV file (RFC 4180: CRLF after every line, quotes doubled), header first.
 * Text that a spreadsheet would take for a formula (it starts with `=`, `+`, `-`, `@`, tab, CR or NUL) gets a
 * leading `'`, one more where it has such already, so that `parseCsv` finds the text again; numbers are written as they are. Numbers that are not finite are left empty.
 * @param rows as long as the header; made one at a time, so that a million rows need no memory
 */
export function* toCsv(
  header: readonly string[],
  rows: Iterable<readonly CsvCell[]>,
): Generator<string> {
  yield line(header);
  for (const row of rows) yield line(row);
}

const line = (cells: readonly CsvCell[]): string => `${cells.map(cellText).join(',')}\r\n`;

function cellText(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const safe = formula.test(cell) ? `'${cell}` : cell;
  return quoted.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
