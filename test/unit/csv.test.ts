import { describe, expect, it } from 'vitest';
import { toCsv } from '../../src/core/csv.ts';

const written = (...rows: (string | number | null)[][]): string =>
  [...toCsv(['a', 'b'], rows)].join('');

describe('toCsv', () => {
  it('ends every line with CRLF, the header and the last one too (RFC 4180, 2.1 and 2.2)', () => {
    expect(written(['x', 1])).toBe('a,b\r\nx,1\r\n');
    expect(written()).toBe('a,b\r\n');
  });

  it('quotes commas, quotes and line breaks, and doubles quotes (RFC 4180, 2.6 and 2.7)', () => {
    expect(written(['a,b', 'say "x"'])).toBe('a,b\r\n"a,b","say ""x"""\r\n');
    expect(written(['a\nb', 'a\r\nb'])).toBe('a,b\r\n"a\nb","a\r\nb"\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\0=1'])(
    'puts an apostrophe before text that a spreadsheet would run: %j',
    (text) => {
      expect(written([text, ''])).toBe(`a,b\r\n'${text},\r\n`);
    },
  );

  it('guards a leading CR inside its quotes', () => {
    expect(written(['\r=1', ''])).toBe('a,b\r\n"\'\r=1",\r\n');
  });

  it('leaves numbers alone, to the last digit, negative ones too', () => {
    expect(written([-0.1, 0.1 + 0.2])).toBe('a,b\r\n-0.1,0.30000000000000004\r\n');
    expect(written([Number.NaN, null])).toBe('a,b\r\n,\r\n');
  });
});
