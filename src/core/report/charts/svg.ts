/** SVG as text. Charts are built of these, so that they can be drawn anywhere and tested without a browser. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c]!);

/** Numbers with at most two decimals: a hundredth of a point cannot be seen. */
const value = (v: string | number): string =>
  typeof v === 'number' ? String(Math.round(v * 100) / 100) : escaped(v);

/** One element; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .flatMap(([key, v]) => (v === undefined ? [] : [` ${key}="${value(v)}"`]))
    .join('');
  return children.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${children.join('')}</${name}>`;
}

export interface TextStyle {
  readonly size?: number;
  readonly colour: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 400 | 600;
  /** Degrees, around the text's own position. */
  readonly rotate?: number;
}

/** Text with its baseline at (x, y). */
export const text = (
  x: number,
  y: number,
  content: string,
  { size = 7.5, colour, anchor = 'start', weight = 400, rotate }: TextStyle,
): string =>
  element(
    'text',
    {
      x,
      y,
      'font-family': 'Inter',
      'font-size': size,
      'font-weight': weight,
      fill: colour,
      'text-anchor': anchor,
      transform: rotate === undefined ? undefined : `rotate(${rotate} ${x} ${y})`,
    },
    escaped(content),
  );

export interface LineStyle {
  readonly colour: string;
  readonly width?: number;
  readonly dash?: readonly number[];
}

const stroke = ({ colour, width = 1, dash }: LineStyle): Attributes => ({
  stroke: colour,
  'stroke-width': width,
  'stroke-dasharray': dash && dash.length > 0 ? dash.join(' ') : undefined,
});

/** A straight line. */
export const line = (x1: number, y1: number, x2: number, y2: number, style: LineStyle): string =>
  element('line', { x1, y1, x2, y2, ...stroke(style) });

/** An open path, not filled. */
export const path = (d: string, style: LineStyle): string =>
  element('path', { d, fill: 'none', 'stroke-linejoin': 'round', ...stroke(style) });

/** A filled path. */
export const area = (d: string, fill: string, opacity: number): string =>
  element('path', { d, fill, 'fill-opacity': opacity });

/** A filled rectangle. */
export const rect = (
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  opacity = 1,
): string =>
  element('rect', {
    x,
    y,
    width: Math.max(0, width),
    height: Math.max(0, height),
    fill,
    'fill-opacity': opacity === 1 ? undefined : opacity,
  });

/** Moves its children. */
export const group = (x: number, y: number, ...children: string[]): string =>
  element('g', { transform: `translate(${x} ${y})` }, ...children);

/** A whole chart. @param width in points */
export interface Chart {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export const chart = (width: number, height: number, ...children: string[]): Chart => ({
  svg: element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` },
    ...children,
  ),
  width,
  height,
});
