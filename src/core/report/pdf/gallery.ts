/** A grid of small images with captions. */
import sharp from 'sharp';
import { hairline, inkMuted, wash } from '../tokens.ts';
import type { Flow } from './flow.ts';

/** RGB8 `[height, width, 3]`. */
export interface Thumbnail {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface GalleryItem {
  readonly image: Thumbnail | null;
  /** First line, dark. */
  readonly title: string;
  /** Further lines, grey. */
  readonly lines: readonly string[];
}

const COLUMNS = 5;
const SIDE = 76;
const LINE = 8.6;
const CAPTION_LINES = 4;
const ROW_HEIGHT = SIDE + 6 + CAPTION_LINES * LINE + 8;
const PIXELS = 4 * SIDE;

/** Height of a whole gallery in points. */
export const galleryHeight = (items: number): number => Math.ceil(items / COLUMNS) * ROW_HEIGHT;

/** Images side by side; an image that is gone is an empty frame. */
export async function gallery(flow: Flow, items: readonly GalleryItem[]): Promise<void> {
  const cell = flow.width / COLUMNS;
  for (const [i, item] of items.entries()) {
    const column = i % COLUMNS;
    if (column === 0) {
      if (i > 0) flow.y += ROW_HEIGHT;
      flow.ensure(ROW_HEIGHT);
    }
    await drawItem(flow, item, flow.left + column * cell, cell - 8);
  }
  if (items.length > 0) flow.y += ROW_HEIGHT;
}

async function drawItem(flow: Flow, item: GalleryItem, x: number, width: number): Promise<void> {
  const { doc, y } = flow;
  if (item.image) doc.image(await png(item.image), x, y, { fit: [SIDE, SIDE] });
  else {
    doc.rect(x, y, SIDE, SIDE).fill(wash);
    flow.line('not available', x, y + SIDE / 2 - 4, SIDE, {
      size: 7,
      colour: inkMuted,
      align: 'center',
    });
  }
  doc.rect(x, y, SIDE, SIDE).lineWidth(0.4).strokeColor(hairline).stroke();
  const captions = [
    ...flow.lines(item.title, width, { size: 7 }).slice(0, 2),
    ...item.lines.flatMap((text) => flow.lines(text, width, { size: 6.6 }).slice(0, 2)),
  ].slice(0, CAPTION_LINES);
  const titles = Math.min(2, flow.lines(item.title, width, { size: 7 }).length);
  for (const [k, caption] of captions.entries())
    flow.line(caption, x, y + SIDE + 4 + k * LINE, width, {
      size: k < titles ? 7 : 6.6,
      ...(k < titles ? {} : { colour: inkMuted }),
    });
}

/** Enlarged without blur, so that the pixels that the network saw can be seen. */
function png({ data, width, height }: Thumbnail): Promise<Buffer> {
  const factor = Math.max(1, Math.floor(PIXELS / Math.max(width, height)));
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(width * factor, height * factor, { kernel: 'nearest' })
    .png({ compressionLevel: 9 })
    .toBuffer();
}
