import { scaleLinear } from 'd3-scale';
import { energy } from '../format.ts';
import { idStyle, ink, inkMuted, oodStyle, roleStyles, thresholdColour } from '../tokens.ts';
import type { ModelRole } from '../audit.ts';
import { bottomAxis } from './axes.ts';
import { densities, sharedBins, type BinEdges } from './histogram.ts';
import { legendEntry } from './markers.ts';
import { area, chart, group, line, path, text, type Chart } from './svg.ts';

/** Energies E(x) of one model. */
export interface EnergyDistributions {
  readonly role: ModelRole;
  readonly id: ArrayLike<number>;
  /** In the order of the sets. */
  readonly ood: readonly ArrayLike<number>[];
  /** On E: images above it are called OOD. */
  readonly threshold: number;
}

const PANEL = 86;
const GAP = 32;
const BINS = 36;
const LEGEND = 118;

/**
 * ID and every OOD set, one panel per model, all on the same bins, with the operating threshold.
 * @param setNames printable names of the OOD sets
 * @param width in points
 */
export function distributionChart(
  models: readonly EnergyDistributions[],
  setNames: readonly string[],
  width: number,
): Chart {
  const edges = sharedBins(
    models.flatMap(({ id, ood }) => [id, ...ood]),
    BINS,
  );
  const plot = width - LEGEND - 12;
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [0, plot]);
  const panels = models.map((model, i) => {
    const last = i === models.length - 1;
    return group(
      6,
      i * (PANEL + GAP) + 14,
      panel(model, edges, plot),
      bottomAxis(x, PANEL, {
        ticks: 8,
        ...(last ? { label: 'Energy E(x); lower is more in-distribution' } : {}),
      }),
    );
  });
  const legend = [
    legendEntry(0, 0, 'ID test', idStyle, ink),
    ...setNames.map((name, i) =>
      legendEntry(0, (i + 1) * 12, shortened(name, 20), oodStyle(i, setNames.length), ink),
    ),
  ];
  const height = Math.max(models.length * (PANEL + GAP) + 14, 20 + 12 * (setNames.length + 1));
  return chart(width, height, ...panels, group(width - LEGEND + 8, 20, ...legend));
}

function panel(model: EnergyDistributions, edges: BinEdges, width: number): string {
  const id = densities(model.id, edges);
  const ood = model.ood.map((values) => densities(values, edges));
  const highest = Math.max(...id, ...ood.flat());
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [0, width]);
  const y = scaleLinear([0, highest], [PANEL, 14]);
  const outline = (heights: readonly number[]): string =>
    heights
      .map(
        (h, i) =>
          `${i === 0 ? `M${x(edges[0]!)} ${y(h)}` : ''}H${x(edges[i + 1]!)}${next(heights, i, y)}`,
      )
      .join('');
  const idOutline = outline(id);
  const at = x(model.threshold);
  const inside = at >= 0 && at <= width;
  return [
    text(0, -3, roleStyles[model.role].label, {
      colour: roleStyles[model.role].colour,
      size: 8.5,
      weight: 600,
    }),
    area(`${idOutline}V${PANEL}H0Z`, idStyle.colour, 0.22),
    path(idOutline, { colour: idStyle.colour, width: 1 }),
    ...ood.map((heights, i) => {
      const { colour, dash } = oodStyle(i, ood.length);
      return path(outline(heights), { colour, dash, width: 0.9 });
    }),
    ...(inside
      ? [
          line(at, 0, at, PANEL, { colour: thresholdColour, width: 1 }),
          text(at > width - 80 ? at - 4 : at + 4, 6, `threshold ${energy(model.threshold)}`, {
            colour: inkMuted,
            anchor: at > width - 80 ? 'end' : 'start',
          }),
        ]
      : []),
  ].join('');
}

const next = (heights: readonly number[], i: number, y: (v: number) => number): string =>
  i + 1 < heights.length ? `V${y(heights[i + 1]!)}` : '';

/** Keeps both ends of a long name. */
export const shortened = (name: string, most: number): string =>
  name.length <= most
    ? name
    : `${name.slice(0, Math.ceil(most / 2) - 1)}…${name.slice(-Math.floor(most / 2))}`;
