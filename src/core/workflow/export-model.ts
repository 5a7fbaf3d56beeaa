/** Writes a model where a person says, for other programs or another workspace. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadModel, readBarredImages, saveModel } from '../model/model-file.ts';
import { writeFolderAtomic } from '../store/atomic.ts';
import type { Workspace } from '../store/workspace.ts';
import { exportLayersModel } from '../tf/export-layers-model.ts';

/**
 * `safetensors`: `weights.safetensors` (HWIO) and `model.json`, which `importModelFolder` reads.
 * `tfjs`: `model.json` and `weights.bin` for `tf.loadLayersModel`, and `straylight.json` with the classes, in the order
 * of the logits, and how images are made ready.
 */
export type ExportFormat = 'tfjs' | 'safetensors';

/**
 * Writes a new folder named after the model into `parent`; what is there already is never touched.
 * @returns the folder
 * @throws AppError `invalid-model`, `no-space`, `unreadable`
 */
export async function exportModel(
  workspace: Workspace,
  modelId: string,
  parent: string,
  format: ExportFormat,
): Promise<string> {
  const row = workspace.getModel(modelId);
  const { info, weights } = await loadModel(row.folder);
  const folder = unusedFolder(parent, `${folderName(row.name)}-${format}`);
  const named = { ...info, name: row.name };
  if (format === 'safetensors')
    await saveModel(folder, named, weights, await readBarredImages(info, row.folder));
  else {
    const files = await exportLayersModel(info.architecture, info.normalisation, weights);
    await writeFolderAtomic(folder, {
      ...files,
      'straylight.json': JSON.stringify(named, null, 2),
    });
  }
  return folder;
}

/** Letters, digits, dots and dashes, so that every file system takes it. */
const folderName = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/[^\w.]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/gu, '')
    .slice(0, 80) || 'model';

function unusedFolder(parent: string, name: string): string {
  let folder = path.join(parent, name);
  for (let i = 2; existsSync(folder); i++) folder = path.join(parent, `${name}-${i}`);
  return folder;
}
