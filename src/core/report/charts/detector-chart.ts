import { scaleLinear } from 'd3-scale';
import type { Estimate, ModelRole } from '../audit.ts';
import { percent } from '../format.ts';
import { gridline, hairline, ink, inkMuted, roleStyles, wash } from '../tokens.ts';
import { bottomAxis } from './axes.ts';
import { fitted } from './labels.ts';
import { legendEntry, marker } from './markers.ts';
import { chart, group, line, rect, text, type Chart } from './svg.ts';

/** One detector under every model. */
export interface DetectorRow {
  readonly label: string;
  /** The detector that the audit is about. */
  readonly primary: boolean;
  readonly models: readonly {
    readonly role: ModelRole;
    readonly fpr95: Estimate;
    readonly auroc: Estimate;
  }[];
}

const NAME = 112;
const GAP = 26;
const ROW = 13;
const tick = (value: number): string => `${Math.round(value * 100)}%`;

/** All detectors and all models at once: mean FPR95 left, mean AUROC right, with their intervals. */
export function detectorChart(rows: readonly DetectorRow[], width: number): Chart {
  const plot = (width - NAME - GAP - 12) / 2;
  const height = rows.length * ROW;
  const roles = rows[0]?.models.map(({ role }) => role) ?? [];
  const panel = (left: number, title: string, of: 'fpr95' | 'auroc', better: string): string => {
    const x = scaleLinear([0, 1], [0, plot]);
    return group(
      left,
      34,
      text(0, -6, title, { colour: ink, size: 8, weight: 600 }),
      text(plot, -6, better, { colour: inkMuted, size: 6.8, anchor: 'end' }),
      ...x.ticks(5).map((at) => line(x(at), 0, x(at), height, { colour: gridline, width: 0.6 })),
      ...rows.flatMap(({ models }, i) =>
        models.map((model, m) => {
          const { value, low, high } = model[of];
          const style = roleStyles[model.role];
          // Side by side within the row, so that intervals of equal values can be told apart.
          const y = (i + 0.5) * ROW + (m - (models.length - 1) / 2) * 3.1;
          return (
            line(x(low), y, x(high), y, { colour: style.colour, width: 0.9 }) +
            marker(x(value), y, style, 2.1)
          );
        }),
      ),
      line(0, height, plot, height, { colour: hairline, width: 0.6 }),
      bottomAxis(x, height, { ticks: 5, format: tick }),
    );
  };
  return chart(
    width,
    height + 52,
    ...roles.map((role, i) =>
      legendEntry(i * 84, 6, roleStyles[role].label, roleStyles[role], ink),
    ),
    group(
      0,
      34,
      ...rows.flatMap(({ label, primary }, i) => [
        i % 2 === 0 ? rect(0, i * ROW, width, ROW, wash, 0.6) : '',
        text(4, (i + 0.5) * ROW + 2.6, fitted(label, NAME - 12, 7.6), {
          colour: ink,
          size: 7.6,
          weight: primary ? 600 : 400,
        }),
      ]),
    ),
    panel(NAME, 'Mean FPR95', 'fpr95', '← better'),
    panel(NAME + plot + GAP, 'Mean AUROC', 'auroc', 'better →'),
  );
}

/** What can be seen, in words. */
export const detectorsInWords = (rows: readonly DetectorRow[]): string =>
  rows
    .map(
      ({ label, models }) =>
        `${label}: ${models.map(({ role, fpr95, auroc }) => `${roleStyles[role].label} FPR95 ${percent(fpr95.value)}, AUROC ${percent(auroc.value)}`).join('; ')}`,
    ) // prettier-ignore
    .join('. ');
