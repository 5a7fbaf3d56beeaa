import type { IndexRanges } from './index-ranges.ts';

/** The selected columns of a row as text, `0-3,7-7`: the same text while nothing in the row has changed. */
export function chosenInRow(selected: IndexRanges, first: number, count: number): string {
  const last = first + count - 1;
  const { ranges } = selected;
  // The first range that ends in the row or after it; there may be as many ranges as images.
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]![1] < first) low = middle + 1;
    else high = middle;
  }
  const parts: string[] = [];
  for (let at = low; at < ranges.length && ranges[at]![0] <= last; at++) {
    const [from, to] = ranges[at]!;
    parts.push(`${Math.max(from, first) - first}-${Math.min(to, last) - first}`);
  }
  return parts.join(',');
}

/** Whether a column is among them. */
export const isWithin = (chosen: string, column: number): boolean =>
  chosen !== '' &&
  chosen.split(',').some((part) => {
    const [from, to] = part.split('-');
    return column >= Number(from) && column <= Number(to);
  });
