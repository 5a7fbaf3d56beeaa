import type { Translated } from '../shape.ts';
import type en from '../en/report.ts';

export default {
  title: '报告',
  empty: '还没有报告',
  emptyHint: '报告由比较结果写成：数据、训练、带区间的数值，以及不夸大的结论。',
} as const satisfies Translated<typeof en>;
