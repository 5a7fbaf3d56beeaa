import { scaleLinear } from 'd3-scale';
import type { Robustness } from '../audit.ts';
import { gridline, ink, roleStyles } from '../tokens.ts';
import { bottomAxis, leftAxis } from './axes.ts';
import { fitted } from './labels.ts';
import { legendEntry, marker } from './markers.ts';
import { chart, group, line, path, text, type Chart } from './svg.ts';

const PLOT = 92;
const CELL = 146;
const PER_ROW = 4;
const percentTick = (value: number): string => `${Math.round(value * 100)}%`;

/** What is drawn over the severity. */
export type RobustnessMeasure = 'accuracy' | 'keptAtThreshold';

/** One panel per corruption, one line per model, severity 0 (clean) to 5. */
export function robustnessChart(
  { perModel }: Robustness,
  measure: RobustnessMeasure,
  width: number,
): Chart {
  const corruptions = [...new Set(perModel.flatMap(({ cells }) => cells.map((c) => c.corruption)))];
  const rows = Math.ceil(corruptions.length / PER_ROW);
  const cellWidth = (width - 30) / Math.min(PER_ROW, Math.max(2, corruptions.length));
  return chart(
    width,
    18 + rows * CELL,
    ...perModel.map(({ role }, i) =>
      legendEntry(34 + i * 84, 6, roleStyles[role].label, roleStyles[role], ink),
    ),
    ...corruptions.map((corruption, i) =>
      group(
        34 + (i % PER_ROW) * cellWidth,
        34 + Math.floor(i / PER_ROW) * CELL,
        panel(perModel, corruption, measure, cellWidth - 22, i % PER_ROW === 0),
      ),
    ),
  );
}

function panel(
  perModel: Robustness['perModel'],
  corruption: string,
  measure: RobustnessMeasure,
  width: number,
  first: boolean,
): string {
  const x = scaleLinear([0, 5], [0, width]);
  const y = scaleLinear([0, 1], [PLOT, 0]);
  const label = measure === 'accuracy' ? 'accuracy' : 'kept at threshold';
  return [
    text(0, -7, fitted(corruption, width, 8), { colour: ink, size: 8, weight: 600 }),
    ...(first
      ? [leftAxis(y, width, { ticks: 4, format: percentTick, label })]
      : y
          .ticks(4)
          .map((tick) => line(0, y(tick), width, y(tick), { colour: gridline, width: 0.6 }))),
    bottomAxis(x, PLOT, { ticks: 5, format: String, label: 'severity' }),
    ...perModel.map(({ role, clean, cells }) => {
      const points = [
        { severity: 0, value: clean[measure] },
        ...cells
          .filter((cell) => cell.corruption === corruption)
          .map((cell) => ({ severity: cell.severity, value: cell[measure] }))
          .sort((a, b) => a.severity - b.severity),
      ];
      const style = roleStyles[role];
      const d = points
        .map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.severity).toFixed(2)} ${y(p.value).toFixed(2)}`)
        .join('');
      return (
        path(d, { colour: style.colour, dash: style.dash, width: 1.1 }) +
        points.map((p) => marker(x(p.severity), y(p.value), style, 1.9)).join('')
      );
    }),
  ].join('');
}
