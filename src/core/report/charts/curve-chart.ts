import { scaleLinear } from 'd3-scale';
import type { ModelRole } from '../audit.ts';
import { percent } from '../format.ts';
import { gridline, ink, inkMuted, roleStyles } from '../tokens.ts';
import { bottomAxis, leftAxis } from './axes.ts';
import { fitted } from './labels.ts';
import { legendEntry, marker } from './markers.ts';
import { chart, group, line, path, text, type Chart } from './svg.ts';

/** One OOD set under every model. */
export interface CurvePanel {
  /** Printable. */
  readonly name: string;
  readonly curves: readonly {
    readonly role: ModelRole;
    readonly x: readonly number[];
    readonly y: readonly number[];
    /** Written in the panel: FPR95 of a ROC curve, AUPR-In of the other. */
    readonly value: number;
  }[];
}

const LEFT = 38;
const PER_ROW = 3;
const CELL_HEIGHT = 158;
const percentTick = (value: number): string => `${Math.round(value * 100)}%`;

/** How many panels fit on a page. */
export const PANELS_PER_CHART = 4 * PER_ROW;

/** ROC curves, ID positive, with the points at 95% TPR. */
export const rocChart = (panels: readonly CurvePanel[], width: number): Chart =>
  curves(panels, width, {
    bottom: 'FPR: OOD accepted',
    left: 'TPR: ID accepted',
    roc: true,
  });

/** Precision-recall curves, ID positive. */
export const prChart = (panels: readonly CurvePanel[], width: number): Chart =>
  curves(panels, width, { bottom: 'Recall: ID accepted', left: 'Precision', roc: false });

interface Kind {
  readonly bottom: string;
  readonly left: string;
  readonly roc: boolean;
}

function curves(panels: readonly CurvePanel[], width: number, kind: Kind): Chart {
  const rows = Math.ceil(panels.length / PER_ROW);
  const cellWidth = (width - LEFT + 24) / PER_ROW;
  const side = Math.min(cellWidth - 36, CELL_HEIGHT - 46);
  const roles = panels[0]?.curves.map(({ role }) => role) ?? [];
  return chart(
    width,
    20 + rows * CELL_HEIGHT,
    ...roles.map((role, i) =>
      legendEntry(LEFT + i * 84, 6, roleStyles[role].label, roleStyles[role], ink),
    ),
    ...panels.map((panel, i) =>
      group(
        LEFT + (i % PER_ROW) * cellWidth,
        30 + Math.floor(i / PER_ROW) * CELL_HEIGHT,
        curvePanel(panel, side, cellWidth, i % PER_ROW === 0, kind),
      ),
    ),
  );
}

function curvePanel(
  { name, curves: lines }: CurvePanel,
  height: number,
  cellWidth: number,
  first: boolean,
  { bottom, left, roc }: Kind,
): string {
  const width = cellWidth - 36;
  const x = scaleLinear([0, 1], [0, width]);
  const y = scaleLinear([0, 1], [height, 0]);
  return [
    text(0, -6, fitted(name, width, 8), { colour: ink, size: 8, weight: 600 }),
    leftAxis(y, width, { ticks: 4, format: percentTick, ...(first ? { label: left } : {}) }),
    bottomAxis(x, height, { ticks: 4, format: percentTick, label: bottom }),
    ...(roc
      ? [
          line(0, height, width, 0, { colour: gridline, width: 0.8 }),
          line(0, y(0.95), width, y(0.95), { colour: inkMuted, width: 0.5, dash: [1, 2] }),
        ]
      : []),
    ...lines.map(({ role, x: xs, y: ys }) => {
      const { colour, dash } = roleStyles[role];
      const d = xs
        .map((value, i) => `${i === 0 ? 'M' : 'L'}${x(value).toFixed(2)} ${y(ys[i]!).toFixed(2)}`)
        .join('');
      return path(d === '' ? 'M0 0' : d, { colour, dash, width: 1.1 });
    }),
    ...(roc ? lines.map(({ role, value }) => marker(x(value), y(0.95), roleStyles[role])) : []),
    ...lines.map(({ role, value }, i) =>
      text(
        width - 4,
        height - 8 - 9 * (lines.length - 1 - i),
        `${roleStyles[role].label} ${percent(value)}`,
        {
          colour: roleStyles[role].colour,
          size: 7,
          anchor: 'end',
        },
      ),
    ),
  ].join('');
}
