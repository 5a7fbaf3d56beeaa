/** Selected images as the curation log names them. */
import type { ImageSelection } from '../contract/common.ts';
import type { CurationTargets } from '../core/curate/types.ts';
import type { EngineContext } from './context.ts';
import { checkOrdinal } from './image-data.ts';

/** @throws AppError `not-found` for a dataset or an image that is not there */
export async function targetsOf(
  engine: EngineContext,
  selections: readonly ImageSelection[],
): Promise<readonly CurationTargets[]> {
  const targets: CurationTargets[] = [];
  for (const { datasetId, ordinals } of selections) {
    const dataset = engine.workspace.getDataset(datasetId);
    const index = await engine.images.index(dataset.id);
    const distinct = [...new Set(ordinals)];
    for (const ordinal of distinct) checkOrdinal(dataset, index, ordinal);
    targets.push({
      datasetId: dataset.id,
      paths: distinct.map((ordinal) => index.path(ordinal)),
      sha256s: distinct.map((ordinal) => index.sha256(ordinal)),
      ordinals: Uint32Array.from(distinct),
    });
  }
  return targets;
}
