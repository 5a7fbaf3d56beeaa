import { scaleLinear } from 'd3-scale';
import type { Distributions, ModelRole } from '../audit.ts';
import { idStyle, oodStyle, paper, thresholdColour } from '../tokens.ts';
import { densityOf, smoothArea, smoothLine } from './density.ts';
import { area, chart, group, line, path, type Chart } from './svg.ts';

/** Between ridges; less when there are many. */
const STEP = 19;
const PEAK = 74;

/**
 * The picture on the cover: the energy of the ID test images and of every OOD set, one ridge behind the other,
 * with the operating threshold through all of them.
 */
export function coverChart(
  { edges, perModel }: Distributions,
  role: ModelRole,
  { width, height }: { readonly width: number; readonly height: number },
): Chart | null {
  const model = perModel.find((entry) => entry.role === role) ?? perModel.at(-1);
  if (!model || edges.length < 3) return null;
  const densities = model.sets.map(({ counts }) => densityOf(counts, edges));
  const [id, ...ood] = densities;
  if (!id) return null;
  const shown = ood;
  const step = Math.min(STEP, (height - PEAK - 24) / Math.max(1, shown.length));
  if (step < 2) return null;
  const x = scaleLinear([edges[0]!, edges.at(-1)!], [0, width]);
  const highest = Math.max(...densities.flat(), Number.MIN_VALUE);
  const y = scaleLinear([0, highest], [0, -PEAK]);
  const at = x(model.threshold);
  const ridges = shown.map((density, i) => {
    const { colour } = oodStyle(i, shown.length);
    return group(
      0,
      PEAK + i * step,
      area(smoothArea(density, edges, x, y), paper, 0.92),
      area(smoothArea(density, edges, x, y), colour, 0.16),
      path(smoothLine(density, edges, x, y), { colour, width: 0.9 }),
    );
  });
  const base = PEAK + shown.length * step + 16;
  return chart(
    width,
    base + 4,
    ...ridges,
    group(
      0,
      base,
      area(smoothArea(id, edges, x, y), paper, 0.92),
      area(smoothArea(id, edges, x, y), idStyle.colour, 0.26),
      path(smoothLine(id, edges, x, y), { colour: idStyle.colour, width: 1.4 }),
    ),
    line(at, 0, at, base + 4, { colour: thresholdColour, width: 0.9 }),
  );
}
