/** Where images stand in the grid: pure geometry. */

export interface GridLayout {
  readonly total: number;
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell, so that a row goes from edge to edge. */
  readonly size: number;
  /** From one row's top to the next one's. */
  readonly pitch: number;
  /** Of all rows together. */
  readonly height: number;
}

export const GAP = 2;
export const CELL = { least: 32, most: 256 } as const;

/** @param cell wished side of a cell; the side in use is at least that */
export function layOut(total: number, width: number, cell: number): GridLayout {
  const columns = Math.max(1, Math.floor((width + GAP) / (cell + GAP)));
  const size = Math.max(1, (width - GAP * (columns - 1)) / columns);
  const rows = Math.ceil(total / columns);
  const pitch = size + GAP;
  return { total, columns, rows, size, pitch, height: Math.max(0, rows * pitch - GAP) };
}

/** The image at a place, or null beside the last one. */
export function indexAt(layout: GridLayout, x: number, y: number): number | null {
  const column = Math.min(layout.columns - 1, Math.max(0, Math.floor(x / layout.pitch)));
  const row = Math.floor(y / layout.pitch);
  const index = row * layout.columns + column;
  return row >= 0 && index < layout.total ? index : null;
}

/** The images that a rectangle touches, as one range per row. */
export function indexesIn(
  layout: GridLayout,
  box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  },
): readonly (readonly [first: number, last: number])[] {
  const { columns, pitch, rows, total } = layout;
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const firstColumn = clamp(Math.floor(box.left / pitch), columns - 1);
  const lastColumn = clamp(Math.floor(box.right / pitch), columns - 1);
  const firstRow = clamp(Math.floor(box.top / pitch), rows - 1);
  const lastRow = clamp(Math.floor(box.bottom / pitch), rows - 1);
  const ranges: (readonly [number, number])[] = [];
  for (let row = firstRow; row <= lastRow && row < rows; row++) {
    const first = row * columns + firstColumn;
    const last = Math.min(total - 1, row * columns + lastColumn);
    if (first <= last) ranges.push([first, last]);
  }
  return ranges;
}

/** Where a key leads, or null when it is not one of the grid's. */
export function moved(layout: GridLayout, from: number, key: string, page: number): number | null {
  const { columns, total } = layout;
  const last = total - 1;
  const within = (to: number): number => Math.min(last, Math.max(0, to));
  switch (key) {
    case 'ArrowRight':
    case 'j':
      return within(from + 1);
    case 'ArrowLeft':
    case 'k':
      return within(from - 1);
    case 'ArrowDown':
      return from + columns <= last ? from + columns : from;
    case 'ArrowUp':
      return from - columns >= 0 ? from - columns : from;
    case 'PageDown':
      return within(from + columns * page);
    case 'PageUp':
      return within(from - columns * page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
