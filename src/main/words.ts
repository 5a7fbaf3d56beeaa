/** Words of the system's dialogs and menus, which the window cannot draw. */
import type { Settings } from '../contract/settings.ts';

const en = {
  file: 'File',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
  help: 'Help',
  paper: 'The paper on energy scores',
  drivers: 'Drivers for NVIDIA GPUs',
  pickDatasets: 'Choose image folders',
  pickExport: 'Choose where to save',
  pickWorkspace: 'Choose a folder for the workspace',
  pickModel: 'Choose a model file',
  pickKey: 'Choose the file of the signing key',
  pickReport: 'Choose the folder of a report',
  choose: 'Choose',
  modelFiles: 'Model weights',
};
export type Words = typeof en;

const zh: Words = {
  file: '文件',
  edit: '编辑',
  view: '视图',
  window: '窗口',
  help: '帮助',
  paper: '能量评分的论文',
  drivers: 'NVIDIA 显卡驱动',
  pickDatasets: '选择图像文件夹',
  pickExport: '选择保存位置',
  pickWorkspace: '选择工作区文件夹',
  pickModel: '选择模型文件',
  pickKey: '选择签名密钥文件',
  pickReport: '选择报告文件夹',
  choose: '选择',
  modelFiles: '模型权重',
};

/** @param locale of the system */
export function wordsFor({ language }: Pick<Settings, 'language'>, locale: string): Words {
  const wanted = language === 'system' ? locale : language;
  return wanted.toLowerCase().startsWith('zh') ? zh : en;
}
