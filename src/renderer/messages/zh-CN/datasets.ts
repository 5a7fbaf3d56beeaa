import type { Translated } from '../shape.ts';
import type en from '../en/datasets.ts';

export default {
  title: '数据集',
  empty: '将图像文件夹拖到此窗口的任意位置',
  emptyHint: '含类别子文件夹的为分布内：模型应当认识的。平铺的文件夹为分布外：模型不应信任的。',
} as const satisfies Translated<typeof en>;
