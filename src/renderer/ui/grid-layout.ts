/** Where cells of a grid lie, for grids far taller than a browser can scroll. */

export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  /** Height of a row with its gap. */
  readonly pitch: number;
  /** Height of all rows, in px; may be more than a browser can scroll. */
  readonly height: number;
  /** Height of the scrolled element. */
  readonly scrollHeight: number;
}

export const GRID_GAP = 2;
/** Chromium clips elements at about 33.5 million px; well below it, positions stay exact. */
const TALLEST = 10_000_000;

export function gridLayout(total: number, width: number, cell: number): GridLayout {
  const columns = Math.max(1, Math.floor((width + GRID_GAP) / (cell + GRID_GAP)));
  const rows = Math.ceil(total / columns);
  const pitch = cell + GRID_GAP;
  const height = Math.max(0, rows * pitch - GRID_GAP);
  return { columns, rows, pitch, height, scrollHeight: Math.min(height, TALLEST) };
}

/** Pixels of content per pixel of the scroll bar; 1 while all of it can be scrolled. */
export function scrollRatio({ height, scrollHeight }: GridLayout, viewport: number): number {
  const room = scrollHeight - viewport;
  return room > 0 ? Math.max(1, (height - viewport) / room) : 1;
}

/** Indexes within a rectangle of content, `[left, top, right, bottom]` in px. */
export function indexesWithin(
  layout: GridLayout,
  cell: number,
  total: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
): number[] {
  const pitch = cell + GRID_GAP;
  const firstColumn = Math.max(0, Math.floor(left / pitch));
  const lastColumn = Math.min(layout.columns - 1, Math.floor(right / pitch));
  const firstRow = Math.max(0, Math.floor(top / pitch));
  const lastRow = Math.min(layout.rows - 1, Math.floor(bottom / pitch));
  const found: number[] = [];
  for (let row = firstRow; row <= lastRow; row++)
    for (let column = firstColumn; column <= lastColumn; column++) {
      const index = row * layout.columns + column;
      if (index < total) found.push(index);
    }
  return found;
}
