/** Tables whose header repeats on every page and whose rows are never cut. */
import { hairline, ink, inkMuted, wash } from '../tokens.ts';
import type { Flow } from './flow.ts';
import type { FontName } from './fonts.ts';

export interface Column {
  readonly title: string;
  /** Share of the width; shares need not sum to anything. */
  readonly share: number;
  readonly align?: 'left' | 'right';
}

export interface Cell {
  readonly text: string;
  /** Second line, small and grey: an interval, a unit. */
  readonly below?: string;
  readonly colour?: string;
  readonly font?: FontName;
}

export interface TableOptions {
  /** Rows to be set apart by a tint, e.g. averages. */
  readonly emphasised?: (row: number) => boolean;
  readonly size?: number;
}

const PADDING = 4;
const LEADING = 1.3;
const BELOW_SIZE = 6.8;

/** Text or cells; numbers are formatted by the caller. */
export function table(
  flow: Flow,
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  { emphasised = () => false, size = 8.2 }: TableOptions = {},
): void {
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / total) * flow.width);
  const layout = rows.map((row) => rowLayout(flow, row, widths, size));
  const header = rowLayout(
    flow,
    columns.map(({ title }) => ({ text: title, colour: inkMuted })),
    widths,
    size,
  );
  const drawHeader = (): void => {
    drawRow(flow, header, columns, widths, size, false);
    rule(flow, 0.8);
  };
  flow.ensure(header.height + (layout[0]?.height ?? 0) + 8);
  drawHeader();
  for (const [i, row] of layout.entries()) {
    if (row.height > flow.room) {
      flow.newPage();
      drawHeader();
    }
    drawRow(flow, row, columns, widths, size, emphasised(i));
    rule(flow, 0.4);
  }
  flow.gap(8);
}

interface RowLayout {
  readonly cells: readonly {
    readonly lines: readonly string[];
    readonly below: readonly string[];
    readonly colour: string;
    readonly font: FontName;
  }[];
  readonly height: number;
}

function rowLayout(
  flow: Flow,
  row: readonly (Cell | string)[],
  widths: readonly number[],
  size: number,
): RowLayout {
  const cells = row.map((content, c) => {
    const {
      text,
      below,
      colour = ink,
      font = 'regular',
    }: Cell = typeof content === 'string' ? { text: content } : content;
    const width = widths[c]! - 2 * PADDING;
    return {
      lines: flow.lines(text, width, { size, font }),
      below: below === undefined ? [] : flow.lines(below, width, { size: BELOW_SIZE }),
      colour,
      font,
    };
  });
  const heights = cells.map(
    ({ lines, below }) => (lines.length * size + below.length * BELOW_SIZE) * LEADING,
  );
  return { cells, height: Math.max(...heights) + 2 * PADDING - 1 };
}

function drawRow(
  flow: Flow,
  { cells, height }: RowLayout,
  columns: readonly Column[],
  widths: readonly number[],
  size: number,
  emphasised: boolean,
): void {
  if (emphasised) flow.doc.rect(flow.left, flow.y, flow.width, height).fill(wash);
  let x = flow.left;
  for (const [c, { lines, below, colour, font }] of cells.entries()) {
    const align = columns[c]!.align ?? 'left';
    const width = widths[c]! - 2 * PADDING;
    let y = flow.y + PADDING;
    for (const line of lines) {
      flow.line(line, x + PADDING, y, width, { size, colour, font, align });
      y += size * LEADING;
    }
    for (const line of below) {
      flow.line(line, x + PADDING, y, width, { size: BELOW_SIZE, colour: inkMuted, align });
      y += BELOW_SIZE * LEADING;
    }
    x += widths[c]!;
  }
  flow.y += height;
}

function rule({ doc, left, width, y }: Flow, weight: number): void {
  doc
    .moveTo(left, y)
    .lineTo(left + width, y)
    .lineWidth(weight)
    .strokeColor(hairline)
    .stroke();
}
