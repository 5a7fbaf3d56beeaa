/** Arguments that may be a folder or something in the workspace already. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { DatasetRole } from '../core/datasets/types.ts';
import { AppError } from '../core/errors.ts';
import { registerDataset } from '../core/workflow/register-dataset.ts';
import type { Host } from './host.ts';

export const isFolder = (text: string): boolean =>
  statSync(text, { throwIfNoEntry: false })?.isDirectory() ?? false;

export interface ScanChoices {
  readonly name?: string;
  readonly role?: DatasetRole | 'auto';
  readonly splitSeed?: number;
}

/** Scans a folder into the workspace, analyses it, and returns the dataset's id. */
export async function registerFolder(
  host: Host,
  folder: string,
  choices: ScanChoices = {},
): Promise<string> {
  const { id, drift } = await registerDataset(host.workspace(), path.resolve(folder), {
    ...host.hooks,
    ...choices,
  });
  if (drift && drift.added.length + drift.removed.length + drift.changed.length > 0)
    host.output.line(
      `Since the last scan: ${drift.added.length} added, ${drift.removed.length} removed, ${drift.changed.length} changed.`,
    );
  return id;
}

/** A scan that another command made on the way prints no table, but it must not hide what cannot be read. */
async function registerOnTheWay(host: Host, folder: string, role: DatasetRole | 'auto') {
  const id = await registerFolder(host, folder, { role });
  const { images, name } = host.workspace().loadManifest(id);
  const failed = images.filter(({ status }) => status === 'failed');
  if (failed[0])
    host.output.line(
      `Note: ${name}: ${failed.length.toLocaleString('en-US')} of ${images.length.toLocaleString('en-US')} files could not be read and are left out; the first, ${JSON.stringify(failed[0].path)}: ${failed[0].reason}. straylight scan --csv FILE lists all.`,
    );
  return id;
}

/**
 * The id of a dataset given as a folder, an id (or its beginning), or a name. A folder that the workspace
 * does not know yet is scanned first.
 */
export async function datasetId(
  host: Host,
  argument: string,
  role: DatasetRole | 'auto',
): Promise<string> {
  const workspace = host.workspace();
  if (!isFolder(argument)) return workspace.getDataset(argument).id;
  const root = path.resolve(argument);
  const known = workspace
    .listDatasets()
    .find((dataset) => dataset.root === root && (role === 'auto' || dataset.role === role));
  return known ? known.id : registerOnTheWay(host, argument, role);
}

/** A number given as an option. */
export function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new AppError('usage', `--${name} must be a number, not "${text}".`);
  return value;
}
