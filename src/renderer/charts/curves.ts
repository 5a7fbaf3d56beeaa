/** ROC and precision-recall curves of several models on one OOD set. ID is positive. */
import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { Palette, SeriesStyle } from './palette.ts';

export interface CurveSeries {
  readonly id: string;
  readonly name: string;
  readonly style: SeriesStyle;
  /** ROC: false positive rate; PR: recall. */
  readonly x: Float64Array;
  /** ROC: true positive rate; PR: precision. */
  readonly y: Float64Array;
  /** ROC only: share of OOD accepted when 95% of ID is. */
  readonly fpr95?: number;
}

export interface CurvesInput {
  readonly kind: 'roc' | 'pr';
  readonly series: readonly CurveSeries[];
  readonly xName: string;
  readonly yName: string;
  /** Few false positives are what a strict threshold lives on. */
  readonly logX: boolean;
  readonly palette: Palette;
}

/** The smallest rate that a logarithmic axis shows. */
const LEAST = 1e-3;

export function curvesOption({
  kind,
  series,
  xName,
  yName,
  logX,
  palette,
}: CurvesInput): EChartsOption {
  const axis = {
    type: 'value',
    min: 0,
    max: 1,
    axisLine: { lineStyle: { color: palette.axis } },
    axisLabel: {
      color: palette.muted,
      formatter: (value: number) => `${Math.round(value * 1000) / 10}%`,
    },
    splitLine: { lineStyle: { color: palette.grid } },
    nameLocation: 'middle',
    nameTextStyle: { color: palette.muted },
  } as const;
  const log = kind === 'roc' && logX;
  return {
    animation: false,
    grid: { left: 58, right: 20, top: 12, bottom: 44, containLabel: false },
    xAxis: log
      ? { ...axis, type: 'log', min: LEAST, name: xName, nameGap: 28 }
      : { ...axis, name: xName, nameGap: 28 },
    yAxis: { ...axis, name: yName, nameGap: 42 },
    series: [
      ...series.map((one) => lineOf(one, log)),
      ...(kind === 'roc' ? [tprLine(palette), ...series.map((one) => pointOf(one, log))] : []),
    ],
  };
}

function lineOf({ id, name, style, x, y }: CurveSeries, log: boolean): LineSeriesOption {
  return {
    type: 'line',
    id,
    name,
    showSymbol: false,
    animation: false,
    data: Array.from(x, (value, i) => [log ? Math.max(LEAST, value) : value, y[i]!]),
    lineStyle: {
      color: style.colour,
      width: 2,
      type: style.dash.length > 0 ? [...style.dash] : 'solid',
    },
    itemStyle: { color: style.colour },
    emphasis: { disabled: false, lineStyle: { width: 3 } },
  };
}

/** Where 95% of the ID images are accepted. */
function tprLine(palette: Palette): LineSeriesOption {
  return {
    type: 'line',
    id: 'tpr95',
    data: [],
    silent: true,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      lineStyle: { color: palette.axis, type: [4, 4], width: 1 },
      label: { formatter: '95% TPR', color: palette.muted, position: 'insideEndBottom' },
      data: [{ yAxis: 0.95 }],
    },
  };
}

function pointOf({ id, name, style, fpr95 }: CurveSeries, log: boolean): LineSeriesOption {
  return {
    type: 'line',
    id: `${id}/fpr95`,
    name,
    silent: true,
    animation: false,
    symbol: style.marker,
    symbolSize: 9,
    itemStyle: { color: style.colour },
    data: fpr95 === undefined ? [] : [[log ? Math.max(LEAST, fpr95) : fpr95, 0.95]],
  };
}
