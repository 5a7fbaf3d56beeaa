/** Curves of a training run: over steps for the loss, over epochs for what is measured once per epoch. */
import type { EChartsOption } from 'echarts';
import type { Palette, SeriesStyle } from './palette.ts';

export interface TrainingCurve {
  readonly id: string;
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly style: SeriesStyle;
  /** Thin and pale: single steps under their epochs. */
  readonly faint?: boolean;
}

export interface TrainingCurvesInput {
  readonly curves: readonly TrainingCurve[];
  readonly xName: string;
  readonly yName: string;
  /** Rates 0 to 1 are shown as percentages. */
  readonly percent: boolean;
  /** The whole run, so that the curve grows into its place; null to follow the data. */
  readonly xMax: number | null;
  readonly palette: Palette;
}

export function trainingOption({
  curves,
  xName,
  yName,
  percent,
  xMax,
  palette,
}: TrainingCurvesInput): EChartsOption {
  const axis = {
    type: 'value',
    axisLine: { lineStyle: { color: palette.axis } },
    axisLabel: { color: palette.muted },
    nameLocation: 'middle',
    nameTextStyle: { color: palette.muted },
  } as const;
  return {
    animation: false,
    grid: { left: 58, right: 16, top: 16, bottom: 40, containLabel: false },
    xAxis: {
      ...axis,
      name: xName,
      nameGap: 24,
      min: 0,
      ...(xMax === null ? {} : { max: xMax }),
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      name: yName,
      nameGap: 42,
      scale: true,
      ...(percent
        ? {
            axisLabel: {
              color: palette.muted,
              formatter: (value: number) => `${Math.round(value * 100)}%`,
            },
          }
        : {}),
      splitLine: { lineStyle: { color: palette.grid } },
    },
    series: curves.map(({ id, name, points, style, faint }) => ({
      type: 'line' as const,
      id,
      name,
      animation: false,
      // One epoch alone is a point; a line needs two.
      showSymbol: !faint && points.length < 3,
      symbol: style.marker,
      symbolSize: 6,
      sampling: 'lttb' as const,
      data: points.map(([x, y]) => [x, y]),
      lineStyle: {
        color: style.colour,
        width: faint ? 1 : 2,
        opacity: faint ? 0.35 : 1,
        type: style.dash.length > 0 ? [...style.dash] : ('solid' as const),
      },
      itemStyle: { color: style.colour },
    })),
  };
}
