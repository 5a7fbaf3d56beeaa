/** The same images before and after augmentation. */
import type { trainingMethods } from '../../contract/training.ts';
import { inMemory, readRows } from '../../core/decode/pixel-block.ts';
import { AppError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import type { Workspace } from '../../core/store/workspace.ts';
import { gatherBatch } from '../../core/train/augment.ts';
import { loadImages, usableImages } from '../../core/workflow/images.ts';
import type { DeepReadonly, ReceivedOf, ResultOf } from '../../rpc/types.ts';

type Preview = (typeof trainingMethods)['training.previewAugmentation'];

export async function previewAugmentation(
  workspace: Workspace,
  { datasetId, decode, augmentation, seed, images, views }: ReceivedOf<Preview>,
  signal: AbortSignal,
): Promise<DeepReadonly<ResultOf<Preview>>> {
  const manifest = workspace.loadManifest(datasetId);
  const usable = usableImages(manifest, 'train');
  if (usable.length === 0)
    throw new AppError('invalid-data', `${manifest.name} has no training images to show.`);
  // Spread over the set, so that several classes are seen.
  const shown = Math.min(images, usable.length);
  const chosen = Array.from({ length: shown }, (_, i) => usable[Math.floor((i * usable.length) / shown)]!); // prettier-ignore
  const { block } = await loadImages(manifest, chosen, decode, { signal });
  const rows = Int32Array.from({ length: block.count }, (_, i) => i);
  const originals = await readRows(block, rows);
  const memory = inMemory(block) ? block : { count: block.count, size: block.size, data: originals }; // prettier-ignore
  const random = new Random(seed);
  const repeated = Int32Array.from({ length: block.count * views }, (_, i) => Math.floor(i / views)); // prettier-ignore
  return {
    size: block.size,
    originals,
    views: await gatherBatch(memory, repeated, augmentation, random),
  };
}
