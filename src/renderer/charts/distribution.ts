/** Score distributions of ID and OOD sets on shared bins: densities filled at 25% over thin histogram outlines. */
import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { Distribution } from '../../contract/scores.ts';
import { bandwidthOf, binWidth, histogram, sharedBins, smooth, type Bins } from './density.ts';
import { withAlpha, type Palette, type SeriesStyle } from './palette.ts';

/** Fixed margins, so that what lies over the chart (the threshold) finds its place without asking it. */
export const distributionMargins = { left: 44, right: 16, top: 12, bottom: 36 } as const;

export interface DistributionInput {
  readonly sets: readonly Distribution[];
  readonly styles: ReadonlyMap<string, SeriesStyle>;
  /** Shown value = sign · S; −1 where the paper's energy keeps its own sign. */
  readonly sign: 1 | -1;
  /** ID above the axis, OOD below it. */
  readonly mirrored: boolean;
  readonly axisName: string;
  readonly densityName: string;
  /** Range of shown values; the sets' own when null. */
  readonly range: readonly [number, number] | null;
  readonly palette: Palette;
  /** Set that a hovered table row means; the others fade. */
  readonly highlighted?: string | null;
}

/** Where a shown value lies in a chart of this width, in pixels from its left edge. */
export function distributionX(
  value: number,
  [from, to]: readonly [number, number],
  width: number,
): number {
  const { left, right } = distributionMargins;
  return left + ((value - from) / (to - from)) * (width - left - right);
}

/** The shown value at a pixel. */
export function distributionValue(
  x: number,
  [from, to]: readonly [number, number],
  width: number,
): number {
  const { left, right } = distributionMargins;
  return from + ((x - left) / (width - left - right)) * (to - from);
}

/** Range of shown values that holds every set, a little wider than the data. */
export function distributionRange(
  sets: readonly Distribution[],
  sign: 1 | -1,
): readonly [number, number] {
  const { from, to } = sharedBins(sets.map(({ sorted }) => sorted));
  const margin = (to - from) * 0.02;
  return sign === 1 ? [from - margin, to + margin] : [-to - margin, -from + margin];
}

export function distributionOption(input: DistributionInput): EChartsOption {
  const { sets, sign, axisName, densityName, palette, range, mirrored } = input;
  const bins = sharedBins(
    sets.map(({ sorted }) => sorted),
    120,
  );
  const [min, max] = range ?? distributionRange(sets, sign);
  return {
    animation: false,
    grid: { ...distributionMargins, containLabel: false },
    xAxis: {
      type: 'value',
      min,
      max,
      name: axisName,
      nameLocation: 'middle',
      nameGap: 22,
      axisLine: { lineStyle: { color: palette.axis } },
      axisLabel: { color: palette.muted, showMinLabel: false, showMaxLabel: false },
      nameTextStyle: { color: palette.muted },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      name: densityName,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: palette.muted },
      axisLabel: { show: false },
      axisLine: { show: false },
      axisTick: { show: false },
      splitNumber: 3,
      splitLine: { lineStyle: { color: palette.grid } },
    },
    series: sets.flatMap((set) => seriesOf(set, bins, mirrored, input)),
  };
}

function seriesOf(
  set: Distribution,
  bins: Bins,
  mirrored: boolean,
  { styles, sign, highlighted }: DistributionInput,
): LineSeriesOption[] {
  const style = styles.get(set.datasetId);
  if (!style || set.sorted.length === 0) return [];
  const faded = highlighted !== null && highlighted !== undefined && highlighted !== set.datasetId;
  const side = mirrored && set.role === 'ood' ? -1 : 1;
  const width = binWidth(bins);
  const heights = histogram(set.sorted, bins);
  const density = smooth(heights, bins, bandwidthOf(set.sorted, bins));
  const points = (values: Float64Array): [number, number][] =>
    Array.from(values, (value, bin): [number, number] => [
      sign * (bins.from + (bin + 0.5) * width),
      side * value,
    ]).sort(([a], [b]) => a - b);
  const common = {
    type: 'line',
    showSymbol: false,
    silent: true,
    animation: false,
  } as const;
  return [
    {
      ...common,
      id: `${set.datasetId}/histogram`,
      name: set.name,
      step: 'middle',
      data: points(heights),
      lineStyle: { color: withAlpha(style.colour, faded ? 0.1 : 0.35), width: 1 },
      z: 2,
    },
    {
      ...common,
      id: `${set.datasetId}/density`,
      name: set.name,
      data: points(density),
      lineStyle: {
        color: faded ? withAlpha(style.colour, 0.3) : style.colour,
        width: 1.5,
        type: style.dash.length > 0 ? [...style.dash] : 'solid',
      },
      areaStyle: { color: withAlpha(style.colour, faded ? 0.05 : 0.25), origin: 'auto' },
      z: set.role === 'id' ? 4 : 3,
    },
  ];
}
