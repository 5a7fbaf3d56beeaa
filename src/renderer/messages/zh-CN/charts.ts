import type { Translated } from '../shape.ts';
import type en from '../en/charts.ts';

export default {
  actions: '图表操作',
  copyPng: '复制为 PNG',
  savePng: '保存为 PNG',
  saveSvg: '保存为 SVG',
  saveCsv: '保存为 CSV',
  showTable: '显示为表格',
  showChart: '显示为图表',
  copied: '已复制为 PNG',
  copyRefused: '系统未接受该图片。请改为保存为 PNG。',
  saved: '已保存 {name}',
  empty: '暂无数据',
} as const satisfies Translated<typeof en>;
