/** Where pages stand in a scrolling column, and which of them are in view. Pixels of the window. */
import { PIXELS_PER_POINT, type PageSize } from './pdf-document.ts';

export const GAP = 12;
export const MARGIN = 20;
export const LEAST_ZOOM = 0.25;
export const MOST_ZOOM = 4;
/** On a large display a page that fills it could not be read. */
const WIDEST_FIT = 1.5;
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

/** A factor, or what the page is fitted to. */
export type Zoom = number | 'width' | 'page';

export interface PlacedPage {
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
export interface Layout {
  /** CSS pixels a point. */
  readonly scale: number;
  /** 1 is 100%. */
  readonly zoom: number;
  readonly pages: readonly PlacedPage[];
  readonly width: number;
  readonly height: number;
}

export function layOut(
  sizes: readonly PageSize[],
  zoom: Zoom,
  view: { readonly width: number; readonly height: number },
): Layout {
  const widest = Math.max(1, ...sizes.map(({ width }) => width)) * PIXELS_PER_POINT;
  const tallest = Math.max(1, ...sizes.map(({ height }) => height)) * PIXELS_PER_POINT;
  const byWidth = Math.min(WIDEST_FIT, (view.width - 2 * MARGIN) / widest);
  const wanted =
    zoom === 'width'
      ? byWidth
      : zoom === 'page'
        ? Math.min(byWidth, (view.height - 2 * GAP) / tallest)
        : zoom;
  const factor = clampZoom(wanted);
  const scale = factor * PIXELS_PER_POINT;
  let top = GAP;
  const pages = sizes.map((size) => {
    const page = {
      top,
      width: Math.round(size.width * scale),
      height: Math.round(size.height * scale),
    };
    top += page.height + GAP;
    return page;
  });
  const width = Math.max(0, ...pages.map((page) => page.width));
  return { scale, zoom: factor, pages, width, height: top };
}

export const clampZoom = (zoom: number): number => Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));

/** The next round zoom above or below. */
export function stepZoom(zoom: number, direction: 1 | -1): number {
  const near = 0.005;
  return direction > 0
    ? (STEPS.find((step) => step > zoom + near) ?? MOST_ZOOM)
    : (STEPS.findLast((step) => step < zoom - near) ?? LEAST_ZOOM);
}

/** Pages of which something lies between two heights, first and last; [0, -1] when there are none. */
export function pagesBetween(
  { pages }: Layout,
  from: number,
  to: number,
): readonly [number, number] {
  const first = pages.findIndex(({ top, height }) => top + height >= from);
  const last = pages.findLastIndex(({ top }) => top <= to);
  return first < 0 || last < first ? [0, -1] : [first, last];
}

/** The page that is read: the last one that begins in the upper third of what is seen. */
export function pageAt({ pages }: Layout, scrolled: number, viewHeight: number): number {
  return Math.max(
    0,
    pages.findLastIndex(({ top }) => top <= scrolled + viewHeight / 3),
  );
}
