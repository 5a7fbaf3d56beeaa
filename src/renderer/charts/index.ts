/** Charts: option builders are pure functions, EChart draws them. */
export * from './base.ts';
export * from './density.ts';
export * from './palette.ts';
export type { ChartTable } from './chart-table.ts';
export { toCsv } from './chart-table.ts';
export type { ChartOption, ECharts } from './echarts.ts';
export type { Tip, TipPoint } from './tooltip.ts';
export { default as EChart } from './EChart.vue';
export { usePalette } from './use-palette.ts';
