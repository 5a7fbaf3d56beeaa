import type { Translated } from '../shape.ts';
import type en from '../en/models.ts';

export default {
  title: '模型',
  empty: '还没有模型',
  emptyHint: '训练结束后会得到模型。也可以导入在别处得到的模型。',
} as const satisfies Translated<typeof en>;
