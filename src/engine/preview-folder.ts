/** What a picked or dropped path looks like, without reading an image. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { GrantPreview } from '../contract/datasets.ts';
import { findContainers } from '../core/datasets/containers/read-container.ts';
import { isImageFile, READABLE_FORMATS } from '../core/datasets/image-files.ts';
import { readLayout } from '../core/datasets/layout.ts';
import { walk } from '../core/datasets/walk.ts';
import { messageOf } from '../core/errors.ts';
import { overlapsOf, registeredAt } from '../core/workflow/register-dataset.ts';
import type { EngineContext } from './context.ts';
import type { GrantedPath } from './grants.ts';

/** Files looked at: enough to tell the layout of a folder of any size at once. */
const LOOKED_AT = 20_000;

export async function previewGrant(
  { workspace }: EngineContext,
  { kind, displayPath, path: chosen }: GrantedPath,
): Promise<GrantPreview> {
  const known = registeredAt(workspace, chosen);
  const overlap = overlapsOf(workspace, chosen)[0];
  const look = await lookInto(chosen);
  return {
    kind,
    name: path.basename(chosen) || chosen,
    displayPath,
    guessedRole: known?.role ?? look.role,
    // Told from the images' size and colour, once they have been read.
    guessedNearFar: known?.nearFar ?? null,
    registeredAs: known && known.removedAt === null ? known.id : null,
    overlaps: overlap
      ? {
          datasetId: overlap.dataset.id,
          name: overlap.dataset.name,
          relation: overlap.relation,
        }
      : null,
    problem: look.problem,
  };
}

async function lookInto(
  chosen: string,
): Promise<{ readonly role: 'id' | 'ood' | null; readonly problem: string | null }> {
  const stats = statSync(chosen, { throwIfNoEntry: false });
  if (!stats) return { role: null, problem: 'It is not there any more. Choose it again.' };
  if (!stats.isDirectory())
    return { role: null, problem: 'This is a file. Choose the folder that holds the images.' };
  const files: string[] = [];
  try {
    for await (const entry of walk(chosen)) {
      if (entry.kind === 'file') files.push(entry.path);
      if (files.length >= LOOKED_AT) break;
    }
  } catch (error) {
    return {
      role: null,
      problem: `It cannot be listed: ${messageOf(error)}. Check its permissions.`,
    };
  }
  const containers = findContainers(files);
  if (containers) {
    const labelled =
      containers.format === 'cifar-binary' ||
      containers.files.some(({ labels }) => labels !== null);
    return { role: labelled ? 'id' : 'ood', problem: null };
  }
  const images = files.filter(isImageFile);
  if (images.length > 0) return { role: readLayout(images, 'auto').role, problem: null };
  if (files.length >= LOOKED_AT) return { role: null, problem: null };
  const found =
    files.length === 0
      ? 'it is empty'
      : `none of its ${files.length.toLocaleString('en-US')} files is one`;
  return { role: null, problem: `It holds no images: ${found}. ${READABLE_FORMATS} files, CIFAR batches and IDX files are read.` }; // prettier-ignore
}
