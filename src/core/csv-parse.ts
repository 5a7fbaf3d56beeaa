/** Reading back what `toCsv` wrote. */
import { AppError } from './errors.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;
/** What `toCsv` puts a `'` in front of. */
const escaped = /^'+[=+\-@\t\r\0]/;

/**
 * Rows of an RFC 4180 file, header included, one at a time; lines end in CRLF or LF, quoted cells may hold both.
 * A cell that is not quoted may hold anything but a quote, a comma and the end of a line.
 * @param chunks pieces of the file as UTF-8, cut anywhere
 * @throws AppError `invalid-data` naming the line
 */
export async function* parseCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let rest = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of chunks) {
    const data = rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]); // prettier-ignore
    const nextQuote = quoteFinder(data);
    let from = 0;
    for (;;) {
      const end = endOfRow(data, from, nextQuote);
      if (end < 0) break;
      yield cellsOf(data, from, end, line++);
      from = end + 1;
    }
    rest = Buffer.from(data.subarray(from));
  }
  if (rest.length > 0)
    throw new AppError('invalid-data', `Row ${line} is cut off: the file is not complete.`);
}

/** Position of the LF that ends the row that begins at `from`, or -1; quoted ones do not count. */
function endOfRow(data: Buffer, from: number, nextQuote: (from: number) => number): number {
  let position = from;
  for (;;) {
    const end = data.indexOf(LF, position);
    if (end < 0) return -1;
    const open = nextQuote(position);
    if (open < 0 || open > end) return end;
    const close = data.indexOf(QUOTE, open + 1);
    if (close < 0) return -1;
    position = close + 1;
  }
}

/** Looks for the next quote once, not once per row. */
function quoteFinder(data: Buffer): (from: number) => number {
  let found = data.indexOf(QUOTE);
  return (from) => {
    if (found >= 0 && found < from) found = data.indexOf(QUOTE, from);
    return found;
  };
}

function cellsOf(data: Buffer, from: number, lf: number, line: number): string[] {
  const end = lf > from && data[lf - 1] === CR ? lf - 1 : lf;
  const text = data.toString('utf8', from, end);
  if (!text.includes('"')) return text.split(',').map(unescaped);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text.charCodeAt(at) === QUOTE) {
      let close = at + 1;
      for (;;) {
        close = text.indexOf('"', close);
        if (close < 0) throw damaged(line);
        if (text.charCodeAt(close + 1) !== QUOTE) break;
        close += 2;
      }
      cells.push(unescaped(text.slice(at + 1, close).replaceAll('""', '"')));
      at = close + 1;
    } else {
      const comma = text.indexOf(',', at);
      const stop = comma < 0 ? text.length : comma;
      const cell = text.slice(at, stop);
      if (cell.includes('"')) throw damaged(line);
      cells.push(unescaped(cell));
      at = stop;
    }
    if (at >= text.length) return cells;
    if (text.charCodeAt(at) !== COMMA) throw damaged(line);
    at++;
  }
}

const unescaped = (cell: string): string =>
  cell.charCodeAt(0) === 0x27 && escaped.test(cell) ? cell.slice(1) : cell;

const damaged = (line: number): AppError =>
  new AppError('invalid-data', `Row ${line} of the CSV file has a quote in the wrong place.`);
