import { scaleLinear } from 'd3-scale';
import type { EpochRecord, ModelRole } from '../audit.ts';
import { hairline, ink, inkMuted, roleStyles } from '../tokens.ts';
import { bottomAxis, leftAxis } from './axes.ts';
import { legendEntry, marker } from './markers.ts';
import { chart, group, line, path, text, type Chart } from './svg.ts';

/** The epochs of one run. */
export interface TrainingCurve {
  readonly role: ModelRole;
  /** Epochs trained before this run began: those of its parent. */
  readonly startEpoch: number;
  readonly history: readonly EpochRecord[];
}

interface Quantity {
  readonly title: string;
  readonly of: (epoch: EpochRecord) => number;
  readonly format?: (value: number) => string;
}

const quantities: readonly Quantity[] = [
  {
    title: 'Validation accuracy',
    of: ({ valAccuracy }) => valAccuracy,
    format: (v) => `${Math.round(v * 100)}%`,
  },
  { title: 'Training loss', of: ({ trainLoss }) => trainLoss },
  { title: 'Feature L1, validation', of: ({ featureL1 }) => featureL1 },
];

const PLOT_HEIGHT = 96;

/** Accuracy, loss and feature L1 over the epochs; fine-tuning goes on where pretraining ended. */
export function trainingChart(curves: readonly TrainingCurve[], width: number): Chart {
  const cell = width / quantities.length;
  const legend = curves.map(({ role }, i) =>
    legendEntry(30 + i * 80, 6, roleStyles[role].label, roleStyles[role], ink),
  );
  return chart(
    width,
    PLOT_HEIGHT + 62,
    ...legend,
    ...quantities.map((quantity, i) => group(30 + i * cell, 34, plot(curves, quantity, cell - 44))),
  );
}

function plot(curves: readonly TrainingCurve[], quantity: Quantity, width: number): string {
  const { title, of, format } = quantity;
  const values = curves.flatMap(({ history }) => history.map(of)).filter(Number.isFinite);
  const epochs = Math.max(
    ...curves.map(({ startEpoch, history }) => startEpoch + history.length),
    1,
  );
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const x = scaleLinear([0, epochs], [0, width]);
  const y = scaleLinear([low - room, high + room], [PLOT_HEIGHT, 0]);
  const boundary = Math.max(...curves.map(({ startEpoch }) => startEpoch));
  const pointsOf = ({ startEpoch, history }: TrainingCurve) =>
    history
      .map((epoch, i) => ({ x: x(startEpoch + i + 1), value: of(epoch) }))
      .filter(({ value }) => Number.isFinite(value));
  return [
    text(0, -8, title, { colour: ink, size: 8, weight: 600 }),
    leftAxis(y, width, { ticks: 4, ...(format ? { format } : {}) }),
    bottomAxis(x, PLOT_HEIGHT, { ticks: Math.min(6, epochs), format: String, label: 'epoch' }),
    boundary > 0
      ? line(x(boundary), 0, x(boundary), PLOT_HEIGHT, { colour: hairline, width: 0.8 }) +
        text(x(boundary) - 3, 7, 'fine-tuning', { colour: inkMuted, size: 6.5, anchor: 'end' })
      : '',
    ...curves.map((curve) => {
      const style = roleStyles[curve.role];
      const points = pointsOf(curve);
      const d = points.map((p, i) => `${i === 0 ? 'M' : 'L'}${p.x} ${y(p.value)}`).join('');
      const marks =
        points.length <= 40 ? points.map((p) => marker(p.x, y(p.value), style, 1.5)) : [];
      return (
        path(d === '' ? 'M0 0' : d, { colour: style.colour, dash: style.dash }) + marks.join('')
      );
    }),
  ].join('');
}
