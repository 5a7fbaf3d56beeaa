import type { MarkerShape, SeriesStyle } from '../tokens.ts';
import { element, group, line, text } from './svg.ts';

const outlines: Readonly<Record<MarkerShape, string>> = {
  circle: 'M-1 0 A1 1 0 1 0 1 0 A1 1 0 1 0 -1 0 Z',
  square: 'M-0.9 -0.9 H0.9 V0.9 H-0.9 Z',
  diamond: 'M0 -1.2 L1.2 0 L0 1.2 L-1.2 0 Z',
  triangle: 'M0 -1.2 L1.1 0.9 H-1.1 Z',
  'triangle-down': 'M0 1.2 L1.1 -0.9 H-1.1 Z',
  cross: 'M-1 -0.35 H-0.35 V-1 H0.35 V-0.35 H1 V0.35 H0.35 V1 H-0.35 V0.35 H-1 Z',
};

/** A filled marker around (x, y). @param radius in points */
export const marker = (
  x: number,
  y: number,
  { marker: shape, colour }: SeriesStyle,
  radius = 2.4,
) =>
  element('path', {
    d: outlines[shape],
    fill: colour,
    transform: `translate(${x} ${y}) scale(${radius})`,
  });

/** A line sample with its marker and a name: one entry of a legend. Text starts 20 points right of x. */
export const legendEntry = (
  x: number,
  y: number,
  name: string,
  style: SeriesStyle,
  colour: string,
): string =>
  group(
    x,
    y,
    line(0, 0, 16, 0, { colour: style.colour, width: 1.2, dash: style.dash }),
    marker(8, 0, style, 2),
    text(20, 2.6, name, { colour }),
  );
