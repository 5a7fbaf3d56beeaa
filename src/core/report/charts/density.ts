/** Counts of bins as densities and smooth outlines. */
import { area as d3Area, curveBasis, line as d3Line } from 'd3-shape';
import type { Scale } from './axes.ts';

/** Share of the values per unit of x in each bin; zero where there is no value. */
export function densityOf(counts: readonly number[], edges: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((n, i) => (total > 0 ? n / (total * (edges[i + 1]! - edges[i]!)) : 0));
}

/** Corners of a histogram's outline. */
export function steps(
  heights: readonly number[],
  edges: readonly number[],
  x: Scale,
  y: Scale,
): string {
  let d = `M${round(x(edges[0]!))} ${round(y(0))}`;
  for (const [i, height] of heights.entries())
    d += `V${round(y(height))}H${round(x(edges[i + 1]!))}`;
  return `${d}V${round(y(0))}`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Neighbours weigh half (a binomial kernel), twice: noise of fine bins goes, the area stays. */
function smoothed(heights: readonly number[]): readonly number[] {
  const once = (values: readonly number[]): number[] =>
    values.map((value, i) => (values[Math.max(0, i - 1)]! + 2 * value + values[Math.min(values.length - 1, i + 1)]!) / 4); // prettier-ignore
  return heights.length < 24 ? heights : once(once(heights));
}

/** Points at the middle of each bin, from zero to zero at the ends. */
function middles(heights: readonly number[], edges: readonly number[]): Point[] {
  const last = edges.length - 1;
  return [
    { x: edges[0]!, y: 0 },
    ...smoothed(heights).map((y, i) => ({ x: (edges[i]! + edges[i + 1]!) / 2, y })),
    { x: edges[last]!, y: 0 },
  ];
}

/** A smooth line through a histogram (B-spline). */
export const smoothLine = (
  heights: readonly number[],
  edges: readonly number[],
  x: Scale,
  y: Scale,
): string =>
  d3Line<Point>(
    (p) => round(x(p.x)),
    (p) => round(y(p.y)),
  ).curve(curveBasis)(middles(heights, edges)) ?? '';

/** The area below {@link smoothLine}. */
export const smoothArea = (
  heights: readonly number[],
  edges: readonly number[],
  x: Scale,
  y: Scale,
): string =>
  d3Area<Point>(
    (p) => round(x(p.x)),
    () => round(y(0)),
    (p) => round(y(p.y)),
  ).curve(curveBasis)(middles(heights, edges)) ?? '';

const round = (value: number): number => Math.round(value * 100) / 100;
