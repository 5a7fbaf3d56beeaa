/** Axes of a plot whose origin is its upper left corner. */
import type { ScaleLinear } from 'd3-scale';
import { gridline, hairline, inkMuted } from '../tokens.ts';
import { line, text } from './svg.ts';

export type Scale = ScaleLinear<number, number>;

export interface AxisOptions {
  readonly label?: string;
  /** About how many; the scale chooses round numbers. */
  readonly ticks?: number;
  readonly format?: (value: number) => string;
}

const minus = (label: string): string => label.replace('-', '−');

/** Ticks, numbers and title below a plot. */
export function bottomAxis(
  scale: Scale,
  height: number,
  { label, ticks = 6, format }: AxisOptions,
): string {
  const write = format ?? scale.tickFormat(ticks);
  const [from, to] = scale.range() as [number, number];
  return [
    line(from, height, to, height, { colour: hairline, width: 0.7 }),
    ...scale.ticks(ticks).map((tick) => {
      const x = scale(tick);
      const name = text(x, height + 10, minus(write(tick)), { colour: inkMuted, anchor: 'middle' });
      return line(x, height, x, height + 2.5, { colour: hairline, width: 0.7 }) + name;
    }),
    label === undefined
      ? ''
      : text((from + to) / 2, height + 21, label, { colour: inkMuted, anchor: 'middle' }),
  ].join('');
}

/** Grid lines, numbers and title left of a plot. */
export function leftAxis(
  scale: Scale,
  width: number,
  { label, ticks = 4, format }: AxisOptions,
): string {
  const write = format ?? scale.tickFormat(ticks);
  const [bottom, top] = scale.range() as [number, number];
  return [
    ...scale.ticks(ticks).map((tick) => {
      const y = scale(tick);
      const name = text(-4, y + 2.6, minus(write(tick)), { colour: inkMuted, anchor: 'end' });
      return line(0, y, width, y, { colour: gridline, width: 0.6 }) + name;
    }),
    label === undefined
      ? ''
      : text(-28, (bottom + top) / 2, label, { colour: inkMuted, anchor: 'middle', rotate: -90 }),
  ].join('');
}
