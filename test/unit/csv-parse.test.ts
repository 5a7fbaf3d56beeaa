import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCsv } from '../../src/core/csv-parse.ts';
import { toCsv } from '../../src/core/csv.ts';

async function rowsOf(bytes: Buffer, cut: number): Promise<string[][]> {
  const chunks = (async function* () {
    for (let from = 0; from < bytes.length; from += cut) yield await Promise.resolve(bytes.subarray(from, from + cut)); // prettier-ignore
  })();
  const rows: string[][] = [];
  for await (const row of parseCsv(chunks)) rows.push(row);
  return rows;
}

it('finds again what was written, formulas, quotes, line breaks and pieces of any size included', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('=', "'", '"', ',', '\r', '\n', '\t', '+', '-', '@', 'a', '\0') }), // prettier-ignore
  );
  const tables = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(tables, fc.integer({ min: 1, max: 64 }), async (rows, cut) => {
      // Text that is no Unicode (half of a pair) cannot be in a file as UTF-8.
      const sound = rows.map((row) => row.map((text) => text.toWellFormed()));
      const bytes = Buffer.from([...toCsv(['a', 'b'], sound)].join(''));
      expect(await rowsOf(bytes, cut)).toEqual([['a', 'b'], ...sound]);
    }),
  );
});

it('says that a file is cut off, and where a quote is wrong', async () => {
  await expect(rowsOf(Buffer.from('a,b\r\n1,2'), 3)).rejects.toThrow(/Row 2 is cut off/);
  await expect(rowsOf(Buffer.from('a,b\r\n1,x"2"\r\n'), 3)).rejects.toThrow(/Row 2/);
});
