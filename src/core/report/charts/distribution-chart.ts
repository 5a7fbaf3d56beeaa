import { scaleLinear } from 'd3-scale';
import type { Distributions, ModelRole } from '../audit.ts';
import { energy } from '../format.ts';
import { idStyle, ink, inkMuted, oodStyle, paper, roleStyles, thresholdColour } from '../tokens.ts';
import { bottomAxis, type Scale } from './axes.ts';
import { densityOf, smoothArea, smoothLine, steps } from './density.ts';
import { fitted } from './labels.ts';
import { legendEntry } from './markers.ts';
import { area, chart, group, line, path, rect, text, type Chart } from './svg.ts';

const PANEL = 84;
const GAP = 30;
const LEGEND = 128;

/**
 * ID and every OOD set over each other, one panel per model, all on the same bins, with the operating threshold.
 * @param names printable names of the sets, ID first
 * @param width in points
 */
export function distributionChart(
  { edges, perModel, axis }: Distributions,
  names: readonly string[],
  width: number,
): Chart {
  const plot = width - LEGEND - 12;
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [0, plot]);
  const panels = perModel.map(({ role, threshold, sets }, i) =>
    group(
      6,
      i * (PANEL + GAP) + 14,
      panel(role, sets.map(({ counts }) => densityOf(counts, edges)), edges, threshold, x, plot), // prettier-ignore
      bottomAxis(x, PANEL, {
        ticks: 8,
        ...(i === perModel.length - 1 ? { label: `${axis}; lower is more in-distribution` } : {}),
      }),
    ),
  );
  const legend = names.map((name, i) =>
    legendEntry(
      0,
      i * 11.5,
      fitted(i === 0 ? `${name} (ID)` : name, LEGEND - 32, 7.5),
      i === 0 ? idStyle : oodStyle(i - 1, names.length - 1),
      ink,
    ),
  );
  const height = Math.max(perModel.length * (PANEL + GAP) + 8, 22 + 11.5 * names.length);
  return chart(width, height, ...panels, group(width - LEGEND + 8, 20, ...legend));
}

function panel(
  role: ModelRole,
  heights: readonly (readonly number[])[],
  edges: readonly number[],
  threshold: number,
  x: Scale,
  width: number,
): string {
  const highest = Math.max(...heights.flat(), Number.MIN_VALUE);
  const y = scaleLinear([0, highest], [PANEL, 14]);
  const [id, ...ood] = heights as [readonly number[], ...(readonly number[])[]];
  return [
    text(0, -3, roleStyles[role].label, {
      colour: roleStyles[role].colour,
      size: 8.5,
      weight: 600,
    }),
    tail(x, threshold, width, PANEL),
    area(smoothArea(id, edges, x, y), idStyle.colour, 0.22),
    path(steps(id, edges, x, y), { colour: idStyle.colour, width: 0.35 }),
    path(smoothLine(id, edges, x, y), { colour: idStyle.colour, width: 1.1 }),
    ...ood.map((values, i) => {
      const { colour, dash } = oodStyle(i, ood.length);
      return path(smoothLine(values, edges, x, y), { colour, dash, width: 0.95 });
    }),
    thresholdLine(x, threshold, width, PANEL),
  ].join('');
}

/** Hatching beyond the threshold: what is called OOD. */
function tail(x: Scale, threshold: number, width: number, height: number): string {
  const from = Math.max(0, x(threshold));
  if (from >= width) return '';
  const strokes: string[] = [];
  for (let at = from; at < width + height; at += 7) {
    // A line at 45 degrees, cut at the edges of the panel.
    const top = Math.min(at, width);
    const bottom = Math.max(at - height, from);
    if (top > bottom)
      strokes.push(line(bottom, at - bottom, top, at - top, { colour: '#e3e7ec', width: 0.5 }));
  }
  return strokes.join('');
}

function thresholdLine(x: Scale, threshold: number, width: number, height: number): string {
  const at = x(threshold);
  if (at < 0 || at > width) return '';
  const left = at > width - 80;
  return (
    rect(left ? at - 72 : at + 2, -1, 70, 10, paper, 0.85) +
    line(at, 0, at, height, { colour: thresholdColour, width: 1 }) +
    text(left ? at - 4 : at + 4, 6, `threshold ${energy(threshold)}`, {
      colour: inkMuted,
      anchor: left ? 'end' : 'start',
    })
  );
}

const CELL = 34;
const NAME = 104;

/** How many sets go into one chart of {@link distributionGrid}. */
export const GRID_ROWS = 16;

/**
 * One row per OOD set, one column per model: the ID density in blue, the set's in its own shade, all on the
 * same bins.
 * @param from first OOD set that is shown, from 0
 */
export function distributionGrid(
  { edges, perModel, axis }: Distributions,
  names: readonly string[],
  width: number,
  from = 0,
): Chart {
  const sets = names.length - 1;
  const shown = Array.from({ length: Math.min(GRID_ROWS, sets - from) }, (_, i) => from + i);
  const cell = (width - NAME) / perModel.length;
  const plot = cell - 14;
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [0, plot]);
  const body = perModel.map((model, m) => {
    const densities = model.sets.map(({ counts }) => densityOf(counts, edges));
    const left = NAME + m * cell;
    return [
      text(left, 8, roleStyles[model.role].label, {
        colour: roleStyles[model.role].colour,
        size: 8,
        weight: 600,
      }),
      ...shown.map((s, r) => {
        const y = scaleLinear([0, Math.max(...densities[0]!, ...densities[s + 1]!, Number.MIN_VALUE)], [CELL - 4, 4]); // prettier-ignore
        const style = oodStyle(s, sets);
        const at = x(model.threshold);
        return group(
          left,
          16 + r * CELL,
          line(0, CELL - 4, plot, CELL - 4, { colour: '#d3d8de', width: 0.5 }),
          area(smoothArea(densities[0]!, edges, x, y), idStyle.colour, 0.2),
          path(smoothLine(densities[0]!, edges, x, y), { colour: idStyle.colour, width: 0.7 }),
          area(smoothArea(densities[s + 1]!, edges, x, y), style.colour, 0.25),
          path(smoothLine(densities[s + 1]!, edges, x, y), {
            colour: style.colour,
            dash: style.dash,
            width: 0.9,
          }),
          at >= 0 && at <= plot
            ? line(at, 2, at, CELL - 4, { colour: thresholdColour, width: 0.7 })
            : '',
        );
      }),
      group(left, 16 + (shown.length - 1) * CELL, bottomAxis(x, CELL - 4, { ticks: 4, ...(m === 0 ? { label: axis } : {}) })), // prettier-ignore
    ].join('');
  });
  const labels = shown.map((s, r) => {
    const y = 16 + r * CELL + CELL / 2 + 2;
    return (
      rect(0, y - 6, 3, 10, oodStyle(s, sets).colour) +
      text(8, y + 1.5, fitted(names[s + 1]!, NAME - 18, 7.6), { colour: ink, size: 7.6 })
    );
  });
  return chart(width, 16 + shown.length * CELL + 24, ...body, ...labels);
}
