import type { Translated } from '../shape.ts';
import type en from '../en/training.ts';

export default {
  title: '训练',
  empty: '还没有可用于训练的数据',
  emptyHint: '请先添加一个分布内数据集，模型学习的是它的类别。',
} as const satisfies Translated<typeof en>;
