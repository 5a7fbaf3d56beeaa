/** The page and its grid. Distances in points. */

/** A4, upright. */
export const PAGE: Readonly<Record<'width' | 'height' | 'margin' | 'top' | 'bottom', number>> = {
  width: 595.28,
  height: 841.89,
  margin: 48,
  top: 76,
  bottom: 782,
};

/** Width of what is printed between the margins. */
export const CONTENT_WIDTH = PAGE.width - 2 * PAGE.margin;

const COLUMNS = 12;
const GUTTER = 12;
const COLUMN = (CONTENT_WIDTH - (COLUMNS - 1) * GUTTER) / COLUMNS;

/** Width of `n` columns with the gutters between them. */
export const columns = (n: number): number => n * COLUMN + (n - 1) * GUTTER;

/** Left edge of the column with this number. @param n from 0 */
export const columnX = (n: number): number => PAGE.margin + n * (COLUMN + GUTTER);

/** Longest line of running text, about 85 characters of 9 points. */
export const MEASURE = columns(10);
