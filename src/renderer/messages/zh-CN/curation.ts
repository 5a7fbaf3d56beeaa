import type { Translated } from '../shape.ts';
import type en from '../en/curation.ts';

export default {
  title: '整理',
  empty: '还没有可整理的图像',
  emptyHint: '用键盘标记、排除和改标图像。文件不会被更改；每个决定都有记录，并且可以撤销。',
} as const satisfies Translated<typeof en>;
