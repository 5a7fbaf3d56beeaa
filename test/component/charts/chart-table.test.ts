import { describe, expect, it } from 'vitest';
import { toCsv } from '../../../src/renderer/charts/chart-table.ts';
import { tipElement } from '../../../src/renderer/charts/tooltip.ts';

describe('a chart saved as CSV', () => {
  it('quotes as RFC 4180 says', () => {
    expect(
      toCsv({
        columns: ['set', 'n'],
        rows: [
          ['a "b", c', 3],
          ['two\nlines', null],
        ],
      }),
    ).toBe('set,n\r\n"a ""b"", c",3\r\n"two\nlines",\r\n');
  });

  // A set may be called anything, and a spreadsheet runs what starts with these.
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\0x'])(
    'takes the teeth out of %j',
    (text) => {
      const csv = toCsv({ columns: ['name'], rows: [[text]] });
      expect(csv.split('\r\n')[1]!.replace(/^"/u, '').startsWith("'")).toBe(true);
    },
  );

  it('leaves negative numbers numbers', () => {
    expect(toCsv({ columns: ['energy'], rows: [[-12.5]] })).toBe('energy\r\n-12.5\r\n');
  });
});

describe('a chart tooltip', () => {
  // File and class names come from other people's folders.
  it('shows HTML in a name as text', () => {
    const name = '<img src=x onerror=alert(1)>.png';
    const tip = tipElement({
      title: name,
      rows: [{ label: name, value: name, colour: '#123456' }],
    });
    expect(tip.querySelector('img')).toBeNull();
    expect(tip.textContent).toBe(`${name}${name}${name}`);
  });
});
