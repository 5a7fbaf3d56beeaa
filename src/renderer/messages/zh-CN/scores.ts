import type { Translated } from '../shape.ts';
import type en from '../en/scores.ts';

export default {
  title: '分数',
  empty: '还没有分数',
  emptyHint: '分数表示一张图像离模型所知有多远。请训练模型，再用它为数据集评分。',
} as const satisfies Translated<typeof en>;
