/**
 * Colours with a fixed meaning, the same in the app, the charts and the PDF. Never the only carrier of that
 * meaning: every role and every set has a dash and a marker too. All marks reach a contrast of 3:1 on white,
 * all text 4.5:1 (WCAG 2.2, 1.4.3 and 1.4.11; tested).
 */
import { interpolateRgb } from './interpolate-rgb.ts';
import type { ModelRole } from './audit.ts';

export const ink = '#15181c';
export const inkMuted = '#59616b';
export const hairline = '#d3d8de';
export const gridline = '#e8ebef';
export const wash = '#f3f5f7';
export const paper = '#ffffff';

export const idColour = '#1c62c4';
export const thresholdColour = '#15181c';
/** Errors only: a set that got worse is not one. */
export const errorColour = '#b3261e';

/** A difference that is good news, and one that is not; always with a word beside it. */
export const goodColour = '#07796f';
export const badColour = '#9a4a07';

export type MarkerShape = 'circle' | 'square' | 'diamond' | 'triangle' | 'triangle-down' | 'cross';

/** How one series is told from the others; `dash` in points, empty for a solid line. */
export interface SeriesStyle {
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: MarkerShape;
}

export const roleStyles: Readonly<Record<ModelRole, SeriesStyle & { readonly label: string }>> = {
  before: { label: 'Before', colour: '#6a717c', dash: [1.2, 1.6], marker: 'circle' },
  control: { label: 'Control', colour: '#7a4bd0', dash: [4, 2], marker: 'diamond' },
  sparse: { label: 'Sparse', colour: '#07796f', dash: [], marker: 'square' },
};

export const idStyle: SeriesStyle = { colour: idColour, dash: [], marker: 'circle' };

const oodLight = '#d2700c';
const oodDark = '#5e2c06';
const dashes: readonly (readonly number[])[] = [
  [4, 1.5],
  [1.4, 1.4],
  [6, 1.5, 1.4, 1.5],
  [8, 2],
  [2.6, 1],
  [5, 1.2, 1.2, 1.2, 1.2, 1.2],
];
const markers: readonly MarkerShape[] = [
  'triangle',
  'square',
  'diamond',
  'triangle-down',
  'cross',
  'circle',
];

/**
 * Style of one OOD set: a shade of orange from light to dark by its place, with its own dash and marker.
 * @param index place of the set in the audit, from 0
 * @param sets number of OOD sets
 */
export function oodStyle(index: number, sets: number): SeriesStyle {
  return {
    colour: interpolateRgb(oodLight, oodDark, sets > 1 ? index / (sets - 1) : 0),
    dash: dashes[index % dashes.length]!,
    marker: markers[index % markers.length]!,
  };
}
