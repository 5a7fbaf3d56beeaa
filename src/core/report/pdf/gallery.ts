/** Images side by side with what there is to say about each; an image that is gone is an empty frame. */
import { hairline, idColour, inkMuted, wash } from '../tokens.ts';
import type { Flow } from './flow.ts';
import { caption } from './table.ts';
import { heatPicture, pictureOf, type Heat, type Thumbnail } from './images.ts';

export interface GalleryItem {
  readonly image: Thumbnail | null;
  /** Drawn beside the image, when given. */
  readonly heat?: Heat | null;
  /** First line, dark. */
  readonly title: string;
  /** Further lines, grey; each at most two lines long. */
  readonly lines: readonly string[];
  /** Last line, in the font of hashes. */
  readonly hash?: string;
  /** Small bars below: names and shares of 1. */
  readonly bars?: readonly { readonly name: string; readonly share: number }[];
  /** What can be seen, for those who cannot see it. */
  readonly alt: string;
}

export interface GalleryOptions {
  readonly caption: string;
  readonly key?: string;
  readonly columns?: number;
}

const GAP = 10;
const LINE = 8.4;
const SMALL = 6.4;
const TITLE = 7;
const BAR = 8;

interface LaidItem {
  readonly item: GalleryItem;
  readonly image: Buffer | null;
  readonly heat: Buffer | null;
  readonly titles: readonly string[];
  readonly lines: readonly string[];
  readonly height: number;
}

/** A numbered figure of images. */
export async function gallery(
  flow: Flow,
  items: readonly GalleryItem[],
  { caption: says, key, columns = 5 }: GalleryOptions,
): Promise<void> {
  const cell = (flow.width - (columns - 1) * GAP) / columns;
  const withHeat = items.some(({ heat }) => heat);
  const side = withHeat ? (cell - 3) / 2 : cell;
  const laid = await Promise.all(items.map((item) => layOut(flow, item, cell, side)));
  const rows = Array.from({ length: Math.ceil(laid.length / columns) }, (_, r) =>
    laid.slice(r * columns, (r + 1) * columns),
  );
  const rowHeight = (row: readonly LaidItem[]): number =>
    side + Math.max(...row.map(({ height }) => height)) + 8;
  flow.ensure((rows[0] ? rowHeight(rows[0]) : 0) + 22);
  flow.gap(4);
  const { number } = flow.references.number('Figure', says, flow.y, flow.page, key);
  caption(flow, `Figure ${number}`, says);
  for (const row of rows) {
    const height = rowHeight(row);
    flow.ensure(height);
    for (const [c, item] of row.entries())
      drawItem(flow, item, flow.left + c * (cell + GAP), side, cell);
    flow.y += height;
  }
}

async function layOut(
  flow: Flow,
  item: GalleryItem,
  width: number,
  side: number,
): Promise<LaidItem> {
  const titles = clamp(flow.lines(item.title, width, { size: TITLE, font: 'semibold' }), 2);
  const lines = item.lines.flatMap((text) => clamp(flow.lines(text, width, { size: SMALL }), 2));
  const pixels = 3 * side;
  const { image, heat = null, bars = [], hash } = item;
  return {
    item,
    image: image ? await pictureOf(image, pixels) : null,
    heat: image && heat ? await heatPicture(image, heat, pixels) : null,
    titles,
    lines,
    height:
      4 + titles.length * LINE + (lines.length + (hash === undefined ? 0 : 1)) * LINE * 0.92 + bars.length * BAR + (bars.length > 0 ? 3 : 0), // prettier-ignore
  };
}

/** The first lines of a text; what is left out is marked. */
const clamp = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1]!.slice(0, -1)}…`];

function drawItem(
  flow: Flow,
  { item, image, heat, titles, lines }: LaidItem,
  x: number,
  side: number,
  width: number,
): void {
  const { doc, tags, y } = flow;
  const fit: [number, number] = [side, side];
  tags.leaf(
    'Figure',
    () => {
      if (image) doc.image(image, x, y, { fit, align: 'center', valign: 'center' });
      else doc.rect(x, y, side, side).fill(wash);
      if (heat) doc.image(heat, x + side + 3, y, { fit, align: 'center', valign: 'center' });
      if (!image)
        flow.line('not available', x, y + side / 2 - 4, side, {
          size: 6.4,
          colour: inkMuted,
          align: 'center',
        });
    },
    { alt: flow.fonts.visible(item.alt), bbox: [x, y, x + (heat ? 2 * side + 3 : side), y + side] },
  );
  tags.artifact(() => doc.rect(x, y, side, side).lineWidth(0.4).strokeColor(hairline).stroke());
  let at = y + side + 4;
  tags.leaf('P', () => {
    for (const line of titles) {
      flow.line(line, x, at, width, { size: TITLE, font: 'semibold' });
      at += LINE;
    }
    for (const line of lines) {
      flow.line(line, x, at, width, { size: SMALL, colour: inkMuted });
      at += LINE * 0.92;
    }
    if (item.hash !== undefined) {
      flow.line(item.hash, x, at, width, { size: 5.6, colour: inkMuted, font: 'mono' });
      at += LINE * 0.92;
    }
  });
  if (item.bars && item.bars.length > 0) drawBars(flow, item.bars, x, at + 2, width);
}

function drawBars(
  flow: Flow,
  bars: NonNullable<GalleryItem['bars']>,
  x: number,
  top: number,
  width: number,
): void {
  const name = width * 0.46;
  const bar = width - name - 24;
  flow.tags.artifact(() => {
    for (const [i, { share }] of bars.entries()) {
      const y = top + i * BAR;
      flow.doc.rect(x + name, y + 1, bar, 4.6).fill(wash);
      if (share * bar > 0.2) flow.doc.rect(x + name, y + 1, share * bar, 4.6).fill(idColour);
    }
  });
  flow.tags.leaf('P', () => {
    for (const [i, { name: label, share }] of bars.entries()) {
      const y = top + i * BAR;
      flow.line(fitted(flow, label, name - 4), x, y, name, { size: 5.8, colour: inkMuted });
      flow.line(`${(share * 100).toFixed(0)}%`, x + width - 24, y, 24, {
        size: 5.8,
        colour: inkMuted,
        align: 'right',
      });
    }
  });
}

/** As much of a name as fits. */
function fitted(flow: Flow, name: string, width: number): string {
  const [first = '', ...rest] = flow.lines(name, width, { size: 5.8 });
  return rest.length > 0 ? `${first.trimEnd().slice(0, -1)}…` : first;
}
