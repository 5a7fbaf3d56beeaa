import { scaleLinear } from 'd3-scale';
import { decimateCurve, rocCurve } from '../../metrics/curves.ts';
import { rankScores } from '../../metrics/ranking.ts';
import type { ModelRole } from '../audit.ts';
import { percent } from '../format.ts';
import { gridline, ink, inkMuted, roleStyles } from '../tokens.ts';
import { bottomAxis, leftAxis } from './axes.ts';
import { shortened } from './distribution-chart.ts';
import { legendEntry, marker } from './markers.ts';
import { chart, group, line, path, text, type Chart } from './svg.ts';

/** One OOD set under every model. */
export interface RocPanel {
  /** Printable. */
  readonly name: string;
  readonly models: readonly {
    readonly role: ModelRole;
    /** S = -E, larger is more in-distribution. */
    readonly id: ArrayLike<number>;
    readonly ood: ArrayLike<number>;
    readonly fpr95: number;
  }[];
}

const SIDE = 122;
const LEFT = 38;
const CELL_WIDTH = 160;
const CELL_HEIGHT = 172;
const percentTick = (value: number): string => `${Math.round(value * 100)}%`;

/** How many panels go side by side. */
export const ROC_COLUMNS = 3;

/** ROC curves, ID positive, a panel per OOD set, with the points at 95% TPR. At most three panels a row. */
export function rocChart(panels: readonly RocPanel[], width: number): Chart {
  const rows = Math.ceil(panels.length / ROC_COLUMNS);
  const roles = panels[0]?.models.map(({ role }) => role) ?? [];
  const cells = panels.map((panel, i) =>
    group(
      LEFT + (i % ROC_COLUMNS) * CELL_WIDTH,
      30 + Math.floor(i / ROC_COLUMNS) * CELL_HEIGHT,
      rocPanel(panel, i % ROC_COLUMNS === 0),
    ),
  );
  const legend = roles.map((role, i) =>
    legendEntry(LEFT + i * 80, 6, roleStyles[role].label, roleStyles[role], ink),
  );
  return chart(width, 26 + rows * CELL_HEIGHT, ...legend, ...cells);
}

function rocPanel({ name, models }: RocPanel, first: boolean): string {
  const x = scaleLinear([0, 1], [0, SIDE]);
  const y = scaleLinear([0, 1], [SIDE, 0]);
  const curves = models.map(({ role, id, ood }) => {
    const { colour, dash } = roleStyles[role];
    return path(rocPath(id, ood, x, y), { colour, dash, width: 1.1 });
  });
  return [
    text(0, -6, shortened(name, 28), { colour: ink, size: 8, weight: 600 }),
    leftAxis(y, SIDE, {
      ticks: 4,
      format: percentTick,
      ...(first ? { label: 'TPR: ID accepted' } : {}),
    }),
    bottomAxis(x, SIDE, { ticks: 4, format: percentTick, label: 'FPR: OOD accepted' }),
    line(0, SIDE, SIDE, 0, { colour: gridline, width: 0.8 }),
    line(0, y(0.95), SIDE, y(0.95), { colour: inkMuted, width: 0.5, dash: [1, 2] }),
    ...curves,
    ...models.map(({ role, fpr95 }) => marker(x(fpr95), y(0.95), roleStyles[role])),
    ...models.map(({ role, fpr95 }, i) =>
      text(
        SIDE - 4,
        SIDE - 8 - 9 * (models.length - 1 - i),
        `${roleStyles[role].label} ${percent(fpr95)}`,
        {
          colour: roleStyles[role].colour,
          size: 7,
          anchor: 'end',
        },
      ),
    ),
  ].join('');
}

function rocPath(
  id: ArrayLike<number>,
  ood: ArrayLike<number>,
  x: (v: number) => number,
  y: (v: number) => number,
): string {
  const curve = decimateCurve(rocCurve(rankScores(id, ood)));
  return Array.from(
    curve.x,
    (value, i) => `${i === 0 ? 'M' : 'L'}${x(value).toFixed(2)} ${y(curve.y[i]!).toFixed(2)}`,
  ).join('');
}
