/** What all charts have in common: text, axes, lines. Pure functions, data -> option. */
import type { ChartOption } from './echarts.ts';
import { withAlpha, type Palette, type SeriesStyle } from './palette.ts';

export const CHART_FONT = "'Inter Figures', 'Inter Variable', 'Noto Sans CJK SC', sans-serif";

/** Room around the plot for axis names and labels, in px. */
export const PLOT = { left: 52, right: 16, top: 12, bottom: 40 } as const;

export function baseOption(palette: Palette): ChartOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: CHART_FONT, fontSize: 12, color: palette.muted },
    aria: { enabled: false },
    grid: { ...PLOT },
  };
}

export interface AxisWishes {
  readonly name: string;
  readonly min?: number | 'dataMin' | undefined;
  readonly max?: number | 'dataMax' | undefined;
  readonly log?: boolean;
  readonly format?: ((value: number) => string) | undefined;
  /** No grid lines: for the axis that values are read against. */
  readonly bare?: boolean;
}

function axis(palette: Palette, wishes: AxisWishes): Record<string, unknown> {
  const { name, min, max, log = false, format, bare = false } = wishes;
  return {
    type: log ? 'log' : 'value',
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: palette.muted, fontSize: 12 },
    scale: true,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    axisLine: { show: true, lineStyle: { color: palette.axis } },
    axisTick: { show: true, length: 4, lineStyle: { color: palette.axis } },
    axisLabel: {
      color: palette.muted,
      fontSize: 11,
      hideOverlap: true,
      ...(format ? { formatter: format } : {}),
    },
    splitLine: { show: !bare, lineStyle: { color: palette.grid } },
  };
}

export const xAxis = (palette: Palette, wishes: AxisWishes): Record<string, unknown> => ({
  ...axis(palette, { bare: true, ...wishes }),
  nameGap: 26,
});

export const yAxis = (palette: Palette, wishes: AxisWishes): Record<string, unknown> => ({
  ...axis(palette, wishes),
  nameGap: 38,
});

export interface LineData {
  readonly id: string;
  readonly name: string;
  readonly style: SeriesStyle;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Fills down to the axis, as densities are. */
  readonly fill?: boolean;
  /** Draws a marker at each point; for few points, such as epochs. */
  readonly markers?: boolean;
  /** Steps, as curves of thresholds are. */
  readonly step?: boolean;
  readonly width?: number;
}

export function lineSeries(line: LineData): Record<string, unknown> {
  const { id, name, style, x, y, fill = false, markers = false, step = false, width = 1.5 } = line;
  return {
    id,
    name,
    type: 'line',
    data: Array.from(x, (value, index) => [value, y[index]!]),
    symbol: markers ? style.marker : 'none',
    symbolSize: 5,
    itemStyle: { color: style.colour },
    lineStyle: { color: style.colour, width, type: style.dash.length > 0 ? style.dash : 'solid' },
    ...(fill ? { areaStyle: { color: withAlpha(style.colour, 0.25), opacity: 1 } } : {}),
    ...(step ? { step: 'end' } : {}),
    emphasis: { lineStyle: { width: width + 1 } },
    blur: { lineStyle: { opacity: 0.25 } },
  };
}

/** Lines over shared axes: curves of training, ROC, PR. */
export function lineChart(
  palette: Palette,
  data: { readonly x: AxisWishes; readonly y: AxisWishes; readonly lines: readonly LineData[] },
): ChartOption {
  return {
    ...baseOption(palette),
    xAxis: xAxis(palette, data.x),
    yAxis: yAxis(palette, data.y),
    series: data.lines.map(lineSeries),
  };
}
