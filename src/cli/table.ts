/** A plain table: first column left, the others right. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = header.map((title, c) =>
    Math.max(title.length, ...rows.map((row) => (row[c] ?? '').length)),
  );
  const format = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [format(header), rule, ...rows.map(format)].join('\n');
}

/** 0.1234 -> `12.3%`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** Difference of two shares in points, with sign. */
export const points = (difference: number): string => {
  const text = (100 * difference).toFixed(1);
  return difference < 0 && text !== '-0.0' ? text : `+${text.replace('-', '')}`;
};
