/**
 * Scrolling through more pixels than an element may have (about 33 million in Chromium, 17 in Firefox). The
 * scrolling element is at most `MOST` high and stands for a window of the whole, from `base` on; near its ends the
 * window moves on and the element scrolls back by as much, so that nothing is seen to move.
 */

export const MOST = 8_000_000;
/** Nearer to an end than this, the window moves. */
const MARGIN = 1_000_000;

export interface ScrollWindow {
  /** Offset in the whole of the element's top. */
  readonly base: number;
  readonly scrollTop: number;
}

/** Height of the scrolling element's content. */
export const windowHeight = (height: number): number => Math.min(height, MOST);

/** The window in which an offset of the whole is shown. */
export function windowAt(offset: number, height: number, view: number): ScrollWindow {
  const wanted = Math.min(Math.max(0, offset), Math.max(0, height - view));
  if (height <= MOST) return { base: 0, scrollTop: wanted };
  // Whole pixels: the element rounds where it scrolls to, and a rounded base would let the rows creep.
  const base = Math.round(Math.min(Math.max(0, wanted - MOST / 2), height - MOST));
  return { base, scrollTop: wanted - base };
}

/** Where to go on after a scroll: the same window, or one further. */
export function afterScroll(now: ScrollWindow, height: number, view: number): ScrollWindow {
  if (height <= MOST)
    return now.base === 0 ? now : windowAt(now.base + now.scrollTop, height, view);
  const nearTop = now.scrollTop < MARGIN && now.base > 0;
  const nearEnd = now.scrollTop + view > MOST - MARGIN && now.base + MOST < height;
  return nearTop || nearEnd ? windowAt(now.base + now.scrollTop, height, view) : now;
}
