import { scaleLinear } from 'd3-scale';
import type { IdPerformance, ModelRole } from '../audit.ts';
import { percent } from '../format.ts';
import { gridline, inkMuted, roleStyles, wash } from '../tokens.ts';
import { bottomAxis, leftAxis } from './axes.ts';
import { chart, group, line, rect, text, type Chart } from './svg.ts';

export interface ReliabilityPanel {
  readonly role: ModelRole;
  readonly bins: IdPerformance['calibration'];
  readonly ece: number;
}

const PLOT = 108;
const COUNTS = 26;
const percentTick = (value: number): string => `${Math.round(value * 100)}%`;

/** Accuracy against confidence, a panel per model; below it, how many images there are in each bin. */
export function reliabilityChart(panels: readonly ReliabilityPanel[], width: number): Chart {
  const cell = width / Math.max(3, panels.length);
  return chart(
    width,
    PLOT + COUNTS + 54,
    ...panels.map((panel, i) => group(36 + i * cell, 20, plot(panel, cell - 58, i === 0))),
  );
}

function plot({ role, bins, ece }: ReliabilityPanel, width: number, first: boolean): string {
  const x = scaleLinear([0, 1], [0, width]);
  const y = scaleLinear([0, 1], [PLOT, 0]);
  const { colour, label } = roleStyles[role];
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const bars = bins.flatMap(({ low, high, count, accuracy, confidence }) => {
    const left = x(low) + 0.6;
    const wide = x(high) - x(low) - 1.2;
    const tall = (count / most) * COUNTS;
    const histogram = rect(left, PLOT + 8 + COUNTS - tall, wide, tall, '#b9c1cb');
    if (accuracy === null || confidence === null) return [histogram];
    return [
      rect(left, y(accuracy), wide, PLOT - y(accuracy), colour, 0.55),
      // The gap between what the model claims and what is true.
      line(left, y(confidence), left + wide, y(confidence), { colour: '#15181c', width: 0.9 }),
      line(left + wide / 2, y(confidence), left + wide / 2, y(accuracy), { colour: '#15181c', width: 0.5, dash: [1, 1] }), // prettier-ignore
      histogram,
    ];
  });
  return [
    text(0, -8, `${label}: ECE ${percent(ece)}`, { colour, size: 8, weight: 600 }),
    rect(0, PLOT + 8, width, COUNTS, wash),
    leftAxis(y, width, { ticks: 4, format: percentTick, ...(first ? { label: 'accuracy' } : {}) }),
    line(0, PLOT, width, 0, { colour: gridline, width: 0.9 }),
    ...bars,
    group(
      0,
      8 + COUNTS,
      bottomAxis(x, PLOT, { ticks: 4, format: percentTick, label: 'confidence' }),
    ),
    text(2, PLOT + 14, 'images', { colour: inkMuted, size: 5.8 }),
  ].join('');
}
