import type { Translated } from '../shape.ts';
import type en from '../en/compare.ts';

export default {
  title: '比较',
  empty: '还没有可比较的内容',
  emptyHint: '比较需要两个在相同图像上评分的模型，例如微调前后各一个。',
} as const satisfies Translated<typeof en>;
