/** What the workspace holds, and getting things out of it. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../core/errors.ts';
import { loadModel } from '../../core/model/model-file.ts';
import { writeFolderAtomic } from '../../core/store/atomic.ts';
import { diskError } from '../../core/store/disk-errors.ts';
import { exportLayersModel } from '../../core/tf/export-layers-model.ts';
import { resumeRun } from '../../core/workflow/train-model.ts';
import type { Host } from '../host.ts';
import { formatTable } from '../table.ts';
import { describeModel } from './describe-model.ts';

const KINDS = ['datasets', 'models', 'runs', 'audits'] as const;

/** `straylight list [datasets|models|runs|audits]` */
export function list(host: Host, kind: string): Promise<void> {
  const workspace = host.workspace();
  const tables: Record<(typeof KINDS)[number], () => [string[], string[][]]> = {
    datasets: () => [
      ['id', 'name', 'role', 'folder'],
      workspace.listDatasets().map(({ id, name, role, root }) => [id, name, role, root]),
    ],
    models: () => [
      ['id', 'name', 'role', 'parent'],
      workspace
        .listModels()
        .map(({ id, name, role, parentId }) => [id, name, role, parentId ?? '']),
    ],
    runs: () => [
      ['id', 'kind', 'state', 'model'],
      workspace
        .listRuns()
        .map(({ id, kind: run, state, modelId }) => [id, run, state, modelId ?? '']),
    ],
    audits: () => [
      ['id', 'title', 'folder'],
      workspace.listAudits().map(({ id, title, folder }) => [id, title, folder]),
    ],
  };
  const wanted = kind === 'all' ? KINDS : KINDS.filter((known) => known === kind);
  if (wanted.length === 0)
    throw new AppError('usage', `Unknown kind "${kind}". Choose one of: ${KINDS.join(', ')}, all.`);
  host.output.line(`Workspace: ${workspace.folder}`);
  for (const name of wanted) {
    const [header, rows] = tables[name]();
    host.output.line();
    host.output.line(rows.length === 0 ? `No ${name} yet.` : formatTable(header, rows));
  }
  host.output.result(
    Object.fromEntries(
      wanted.map((name) => {
        const [header, rows] = tables[name]();
        return [name, rows.map((row) => Object.fromEntries(header.map((key, i) => [key, row[i]])))];
      }),
    ),
  );
  return Promise.resolve();
}

/** `straylight resume <run>` */
export async function resume(host: Host, run: string): Promise<void> {
  const workspace = host.workspace();
  const { id } = workspace.getRun(run);
  const runtime = await host.runtime();
  const info = await resumeRun(workspace, runtime, id, { ...host.hooks, phase: 'Resume' });
  describeModel(host, info);
  host.output.result({ model: info });
}

/** What an export consists of; a folder that holds nothing else may be replaced by a new one. */
const EXPORTED: ReadonlySet<string> = new Set(['model.json', 'weights.bin', 'sha256.json']);

/** The export takes the place of the whole folder, so it must not take that of somebody's files. */
function checkReplaceable(folder: string): void {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw diskError(error, folder, null);
  }
  const foreign = entries.find((name) => !EXPORTED.has(name));
  if (foreign !== undefined)
    throw new AppError(
      'usage',
      `${folder} holds other files (${JSON.stringify(foreign)}), which an export would replace. Name a new folder, such as ${path.join(folder, 'model')}.`,
    );
}

/** `straylight export <model> <folder>`: a tfjs LayersModel. */
export async function exportCommand(host: Host, model: string, folder: string): Promise<void> {
  const target = path.resolve(folder);
  checkReplaceable(target);
  const { info, weights } = await loadModel(host.workspace().getModel(model).folder);
  await writeFolderAtomic(
    target,
    await exportLayersModel(info.architecture, info.normalisation, weights),
  );
  host.output.line(
    `${info.name}: ${path.join(target, 'model.json')}, for tf.loadLayersModel. Input: RGB 0-255, [n, ${info.decode.size}, ${info.decode.size}, 3]. Outputs: logits, features.`,
  );
  host.output.result({ folder: target, classes: info.classes, decode: info.decode });
}
