/**
 * Tables: columns as wide as what is in them, headers that repeat on every page, rows that are never cut, and
 * columns that go on below when there are more than a page is wide.
 */
import { hairline, ink, inkMuted, wash } from '../tokens.ts';
import { columnWidths, fittingGroups, type ColumnNeed } from './column-widths.ts';
import type { Flow } from './flow.ts';
import type { FontName } from './fonts.ts';
import { PAGE } from './grid.ts';
import type { Inline, Piece } from './inline.ts';
import type { Box } from './tags.ts';

export interface Column {
  readonly title: string;
  /** Small and grey below the title: what the numbers are. */
  readonly unit?: string;
  readonly align?: 'left' | 'right';
  /** Takes what room is left, in proportion; 1 for a column of words when not given, 0 for numbers. */
  readonly grow?: number;
  /** Fixed width in points: for a column that is drawn, not written. */
  readonly width?: number;
}

export interface Cell {
  readonly text: string;
  /** Further lines, small and grey: an interval, a unit. */
  readonly below?: string;
  readonly colour?: string;
  readonly font?: FontName;
  /** Tint behind the text. */
  readonly fill?: string;
  /** Name of a place that the text links to. */
  readonly to?: string;
  /** Drawn over the cell; what it shows must be in the table's words too. */
  readonly mark?: (doc: PDFKit.PDFDocument, box: Box) => void;
  /** Written when the whole report is laid out, e.g. the number of a page. */
  readonly later?: () => string;
}

export interface TableOptions {
  readonly caption: string;
  /** For references to this table. */
  readonly key?: string;
  /** Rows to be set apart by a tint, e.g. averages. */
  readonly emphasised?: (row: number) => boolean;
  readonly size?: number;
  /** Columns at the left that are repeated when a table is wider than a page. */
  readonly sticky?: number;
  /** Width in points; the whole width when not given. */
  readonly width?: number;
}

type Content = Cell | string;

const PADDING_X = 5;
const PADDING_Y = 3.6;
const LEADING = 1.32;
const BELOW = 0.82;
/** Share of the page's width that a table of few narrow columns takes. */
const NARROW = 0.62;
/** Texts narrower than this are not broken. */
const KEPT = 44;

/** Text or cells; numbers are formatted by the caller. The first column names its row. */
export function table(
  flow: Flow,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  options: TableOptions,
): void {
  const { size = 8.2, sticky = 1 } = options;
  const cells = rows.map((row) => row.map(cellOf));
  const growing = columns.some(({ grow = 0 }) => grow > 0);
  const needs = columns.map(
    (column, c) =>
    needOf(flow, column, cells.map((row) => row[c]!), size, growing ? 0 : 1), // prettier-ignore
  );
  // A few narrow columns far apart are hard to read across.
  const natural = needs.reduce((sum, need) => sum + need.natural, 0);
  const width = options.width ?? (natural < NARROW * flow.width ? NARROW * flow.width : flow.width);
  const groups = fittingGroups(needs, width, sticky);
  flow.gap(4);
  flow.tags.begin('Table');
  for (const [g, group] of groups.entries()) {
    const part: Part = {
      flow,
      columns: group.map((c) => columns[c]!),
      rows: cells.map((row) => group.map((c) => row[c]!)),
      widths: columnWidths(group.map((c) => needs[c]!), width, groups.length > 1), // prettier-ignore
      size,
      emphasised: options.emphasised ?? (() => false),
    };
    const which = groups.length > 1 ? ` (part ${g + 1} of ${groups.length})` : '';
    drawPart(part, g === 0 ? options : null, which);
    if (g < groups.length - 1) flow.gap(10);
  }
  flow.tags.end();
  flow.gap(14);
}

interface Part {
  readonly flow: Flow;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly widths: readonly number[];
  readonly size: number;
  readonly emphasised: (row: number) => boolean;
}

interface LaidCell {
  readonly cell: Cell;
  readonly lines: readonly (readonly Piece[])[];
  readonly below: readonly string[];
}

interface LaidRow {
  readonly cells: readonly LaidCell[];
  readonly height: number;
}

const cellOf = (content: Content): Cell =>
  typeof content === 'string' ? { text: content } : content;

function needOf(
  { fonts }: Flow,
  { title, unit = '', align, grow, width }: Column,
  cells: readonly Cell[],
  size: number,
  growth: number,
): ColumnNeed {
  if (width !== undefined) return { least: width, natural: width, grow: 0 };
  const measure = (text: string, font: FontName, at: number): number =>
    text === '' ? 0 : fonts.width(fonts.visible(text.replace(/\s*\n\s*/g, ' ')), font, at);
  let least = 0;
  let natural = 0;
  const consider = (text: string, font: FontName, at: number, whole = false): void => {
    const width = measure(text, font, at);
    natural = Math.max(natural, width);
    // Numbers, and what is short, stay on one line.
    if (whole || width < KEPT) least = Math.max(least, width);
    else for (const word of text.split(/\s+/)) least = Math.max(least, measure(word, font, at));
  };
  for (const word of title.split(/\s+/)) least = Math.max(least, measure(word, 'semibold', size));
  natural = Math.max(natural, Math.min(measure(title, 'semibold', size), 96));
  consider(unit, 'regular', size * BELOW);
  for (const { text, below = '', font = 'regular' } of cells) {
    consider(text, font, size, align === 'right' && text.length < 24);
    consider(below, 'regular', size * BELOW, align === 'right' && below.length < 24);
  }
  const padding = 2 * PADDING_X;
  return {
    // A long path or hash may be broken; a number may not.
    least: Math.min(least, align === 'right' ? 90 : 76) + padding,
    natural: natural + padding + 0.5,
    grow: grow ?? (align === 'right' ? 0 : growth),
  };
}

function layOut({ flow, widths, columns, size }: Part, cells: readonly Cell[]): LaidRow {
  const laid = cells.map((cell, c): LaidCell => {
    const width = widths[c]! - 2 * PADDING_X;
    const { text, below, font = 'regular', colour = ink, to } = cell;
    const content: Inline = to === undefined ? text : [{ text, to }];
    return {
      cell,
      lines: alignLines(
        flow.inlineLines(content, width, { size, font, colour }),
        width,
        columns[c]!,
      ),
      below: below === undefined ? [] : flow.lines(below, width, { size: size * BELOW }),
    };
  });
  const heights = laid.map(
    ({ lines, below }) => (lines.length + below.length * BELOW) * size * LEADING,
  );
  return { cells: laid, height: Math.max(...heights) + 2 * PADDING_Y };
}

const alignLines = (
  lines: readonly (readonly Piece[])[],
  width: number,
  { align = 'left' }: Column,
): readonly (readonly Piece[])[] => {
  if (align === 'left') return lines;
  return lines.map((pieces) => {
    const last = pieces.at(-1);
    if (!last) return pieces;
    const shift = width - (last.x + last.width);
    return pieces.map((piece) => ({ ...piece, x: piece.x + shift }));
  });
};

function drawPart(part: Part, options: TableOptions | null, which: string): void {
  const { flow, rows, size } = part;
  const header = layOut(
    part,
    part.columns.map(({ title, unit }) => ({
      text: title,
      font: 'semibold' as const,
      colour: inkMuted,
      ...(unit === undefined ? {} : { below: unit }),
    })),
  );
  const laid = rows.map((row) => layOut(part, row));
  const captionHeight = 22;
  const first = laid[0]?.height ?? size;
  flow.ensure(captionHeight + header.height + first + (laid[1]?.height ?? 0) + 6);
  let continued = which;
  if (options) {
    const numbered = flow.references.number(
      'Table',
      options.caption,
      flow.y,
      flow.page,
      options.key,
    );
    continued = `Table ${numbered.number}, continued${which}`;
    caption(flow, `Table ${numbered.number}`, `${options.caption}${which}`, 'Caption');
  } else {
    const latest = flow.references.latest('Table');
    continued = `Table ${latest}, continued${which}`;
    flow.tags.artifact(() => smallLine(flow, continued), 'Pagination');
    flow.y += 14;
  }
  drawHeader(part, header, options !== null);
  const nextPage = (): void => {
    flow.newPage();
    flow.tags.artifact(() => smallLine(flow, continued), 'Pagination');
    flow.y += 14;
    drawHeader(part, header, false);
  };
  const capacity = PAGE.bottom - PAGE.top - 14 - header.height;
  for (const [r, row] of laid.entries()) {
    // The last rows do not go on alone.
    const together =
      r === laid.length - 3 ? row.height + laid[r + 1]!.height + laid[r + 2]!.height : 0;
    if (r > 2 && together > flow.room && together < capacity) nextPage();
    for (const slice of slices(row, capacity, size)) {
      if (slice.height > flow.room) nextPage();
      drawRow(part, slice, part.emphasised(r));
    }
  }
}

/**
 * Caption of a table or a figure: its number in bold, what it shows in grey.
 * @param tag a caption only inside the element that it belongs to; a figure's would be hidden by its alternative text
 */
export function caption(flow: Flow, label: string, text: string, tag: 'Caption' | 'P' = 'P'): void {
  const size = 8;
  const lines = flow.inlineLines(
    [
      { text: `${label}  `, font: 'semibold' },
      { text, colour: inkMuted },
    ],
    flow.width,
    { size },
  );
  const element = flow.tags.element(tag);
  for (const line of lines) {
    flow.pieces(element, tag, line, flow.left, flow.y, size);
    flow.y += size * 1.4;
  }
  flow.y += 3;
}

const smallLine = (flow: Flow, text: string): void =>
  flow.line(text, flow.left, flow.y, flow.width, { size: 7.4, colour: inkMuted });

/** A row that is higher than a page goes on as further rows. */
function slices(row: LaidRow, capacity: number, size: number): readonly LaidRow[] {
  if (row.height <= capacity) return [row];
  const most = Math.max(1, Math.floor((capacity - 2 * PADDING_Y) / (size * LEADING)) - 3);
  const count = Math.ceil(Math.max(...row.cells.map(({ lines }) => lines.length)) / most);
  return Array.from({ length: count }, (_, i) => {
    const cells = row.cells.map(({ cell, lines, below }) => ({
      cell: i === 0 ? cell : { ...cell, text: '' },
      lines: lines.slice(i * most, (i + 1) * most),
      below: i === count - 1 ? below : [],
    }));
    const tallest = Math.max(...cells.map((c) => c.lines.length + c.below.length * BELOW));
    return { cells, height: tallest * size * LEADING + 2 * PADDING_Y };
  });
}

/** @param tagged false for a repeated header: it says nothing new */
function drawHeader(part: Part, row: LaidRow, tagged: boolean): void {
  const { flow } = part;
  const top = flow.y;
  horizontal(flow, top, totalWidth(part), 0.9, ink);
  if (tagged) {
    flow.tags.begin('THead');
    flow.tags.begin('TR');
  }
  eachCell(part, row, (laid, c, x, width) => {
    const draw = (): void => {
      // Titles stand on the line below them.
      const height = (laid.lines.length + laid.below.length * BELOW) * part.size * LEADING;
      drawCell(part, laid, c, x, width, top + row.height - PADDING_Y - height);
    };
    if (tagged) flow.tags.leaf('TH', draw, { scope: 'Column' });
    else flow.tags.artifact(draw, 'Pagination');
  });
  if (tagged) {
    flow.tags.end();
    flow.tags.end();
  }
  flow.y += row.height;
  horizontal(flow, flow.y, totalWidth(part), 0.5, inkMuted);
}

const totalWidth = ({ widths }: Part): number => widths.reduce((a, b) => a + b, 0);

function drawRow(part: Part, row: LaidRow, emphasised: boolean): void {
  const { flow, size } = part;
  const top = flow.y;
  const { height } = row;
  const decorated = emphasised || row.cells.some(({ cell }) => cell.fill ?? cell.mark);
  if (decorated)
    flow.tags.artifact(() => {
      if (emphasised) flow.doc.rect(flow.left, top, totalWidth(part), height).fill(wash);
      eachCell(part, row, ({ cell }, _, x, width) => {
        if (cell.fill) flow.doc.rect(x + 0.5, top + 0.5, width - 1, height - 1).fill(cell.fill);
        cell.mark?.(flow.doc, [x + PADDING_X, top, width - 2 * PADDING_X, height]);
      });
    });
  flow.tags.begin('TR');
  eachCell(part, row, (laid, c, x, width) => {
    const type = c === 0 ? 'TH' : 'TD';
    const element = flow.tags.element(type, c === 0 ? { scope: 'Row' } : {});
    const { cell } = laid;
    if (cell.later) {
      const { later, colour = ink, font = 'regular' } = cell;
      const align = part.columns[c]!.align ?? 'left';
      flow.later(() =>
        flow.tags.fill(element, type, () =>
          flow.line(later(), x + PADDING_X, top + PADDING_Y, width - 2 * PADDING_X, {
            size,
            colour,
            font,
            align,
          }),
        ),
      );
    } else if (cell.to === undefined) {
      if (laid.lines.length + laid.below.length > 0)
        flow.tags.fill(element, type, () => drawCell(part, laid, c, x, width, top + PADDING_Y));
    } else {
      for (const [i, line] of laid.lines.entries())
        flow.pieces(element, type, line, x + PADDING_X, top + PADDING_Y + i * size * LEADING, size);
    }
  });
  flow.tags.end();
  flow.y += height;
  horizontal(flow, flow.y, totalWidth(part), 0.4, hairline);
}

function eachCell(
  { flow, widths }: Part,
  { cells }: LaidRow,
  visit: (laid: LaidCell, c: number, x: number, width: number) => void,
): void {
  let x = flow.left;
  for (const [c, laid] of cells.entries()) {
    visit(laid, c, x, widths[c]!);
    x += widths[c]!;
  }
}

function drawCell(
  { flow, columns, size }: Part,
  { lines, below }: LaidCell,
  c: number,
  x: number,
  width: number,
  top: number,
): void {
  let y = top;
  for (const line of lines) {
    for (const { text, font, colour, x: offset, width: wide } of line)
      flow.line(text, x + PADDING_X + offset, y, wide, { size, font, colour });
    y += size * LEADING;
  }
  for (const line of below) {
    flow.line(line, x + PADDING_X, y, width - 2 * PADDING_X, {
      size: size * BELOW,
      colour: inkMuted,
      align: columns[c]!.align ?? 'left',
    });
    y += size * BELOW * LEADING;
  }
}

function horizontal(flow: Flow, y: number, width: number, weight: number, colour: string): void {
  flow.rule(y, { weight, colour, width });
}
