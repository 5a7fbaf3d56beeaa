import { scaleLinear } from 'd3-scale';
import type { Estimate } from '../audit.ts';
import { pointsInterval, signedPoints } from '../format.ts';
import {
  badColour,
  goodColour,
  hairline,
  ink,
  inkMuted,
  thresholdColour,
  wash,
} from '../tokens.ts';
import { bottomAxis } from './axes.ts';
import { fitted } from './labels.ts';
import { element, chart, group, line, rect, text, type Chart } from './svg.ts';

export interface ForestRow {
  /** Printable. */
  readonly name: string;
  /** Shares: 0.01 is one point. */
  readonly difference: Estimate;
  readonly lowerIsBetter: boolean;
  /** Set apart: a mean over the others. */
  readonly summary?: boolean;
}

export interface ForestOptions {
  readonly width: number;
  /** Below the axis, in words. */
  readonly label: string;
  readonly nameWidth?: number;
  readonly rowHeight?: number;
}

const unclear = inkMuted;

/** A difference whose interval excludes zero, as good, bad, or neither. */
const colourOf = ({ difference: { low, high }, lowerIsBetter }: ForestRow): string => {
  if (low <= 0 && high >= 0) return unclear;
  return high < 0 === lowerIsBetter ? goodColour : badColour;
};

/** Differences with their intervals, one a row, around a line at zero. Filled when the interval excludes zero. */
export function forestChart(
  rows: readonly ForestRow[],
  { width, label, nameWidth = 128, rowHeight = 15 }: ForestOptions,
): Chart {
  const numbers = 118;
  const plot = width - nameWidth - numbers;
  const ends = rows.flatMap(({ difference: { low, high } }) => [low, high]).filter(Number.isFinite);
  const reach = Math.max(0.005, ...ends.map(Math.abs)) * 1.08;
  const x = scaleLinear([-reach * 100, reach * 100], [0, plot]);
  const height = rows.length * rowHeight;
  const marks = rows.map((row, i) => {
    const { name, difference, summary = false } = row;
    const y = (i + 0.5) * rowHeight;
    const colour = colourOf(row);
    const filled = colour !== unclear;
    const at = x(difference.value * 100);
    return [
      summary ? rect(-nameWidth, i * rowHeight, width, rowHeight, wash) : '',
      text(-nameWidth + 4, y + 2.6, fitted(name, nameWidth - 14, 7.8), { colour: ink, size: 7.8, weight: summary ? 600 : 400 }), // prettier-ignore
      line(x(difference.low * 100), y, x(difference.high * 100), y, { colour, width: summary ? 2 : 1.3 }), // prettier-ignore
      cap(x(difference.low * 100), y, colour),
      cap(x(difference.high * 100), y, colour),
      element(summary ? 'path' : 'circle', {
        ...(summary
          ? { d: `M${at - 4.4} ${y}L${at} ${y - 4.4}L${at + 4.4} ${y}L${at} ${y + 4.4}Z` }
          : { cx: at, cy: y, r: 2.7 }),
        fill: filled ? colour : '#ffffff',
        stroke: colour,
        'stroke-width': 1.1,
      }),
      text(plot + 44, y + 2.6, signedPoints(difference.value), { colour: ink, size: 7.8, weight: 600, anchor: 'end' }), // prettier-ignore
      text(plot + 52, y + 2.6, pointsInterval(difference), { colour: inkMuted, size: 6.8 }),
    ].join('');
  });
  return chart(
    width,
    height + 40,
    group(
      nameWidth,
      14,
      text(0, -4, rows[0]?.lowerIsBetter === false ? '← worse' : '← better', { colour: inkMuted, size: 6.8 }), // prettier-ignore
      text(plot, -4, rows[0]?.lowerIsBetter === false ? 'better →' : 'worse →', { colour: inkMuted, size: 6.8, anchor: 'end' }), // prettier-ignore
      ...marks,
      line(x(0), -2, x(0), height, { colour: thresholdColour, width: 0.8 }),
      line(0, height, plot, height, { colour: hairline, width: 0.6 }),
      bottomAxis(x, height, { ticks: 6, label }),
    ),
  );
}

const cap = (x: number, y: number, colour: string): string =>
  line(x, y - 2.2, x, y + 2.2, { colour, width: 1 });
