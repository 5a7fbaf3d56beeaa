/** A child of a model that differs from it in its batch-norm statistics alone: the batch-norm control. */
import { loadModel, type ModelInfo, readBarredImages, saveModel } from '../model/model-file.ts';
import { within } from '../progress.ts';
import type { Workspace } from '../store/workspace.ts';
import type { Runtime } from '../tf/runtime.ts';
import { reestimateStatistics } from '../train/reestimate.ts';
import { loadImages, usableImages } from './images.ts';
import { scoringSession } from './score-model.ts';
import type { WorkflowHooks } from './train-model.ts';

/** Role of the models that this makes. */
export const BATCH_NORM_ROLE = 'batch-norm';

/** Images a batch; the paper trains with as many. */
const BATCH = 128;
/** Same order of the images every time, so that the same model gives the same statistics. */
const SEED = 1;
/** Share of the progress that goes to decoding. */
const DECODING = 0.3;

/** The batch-norm control that a model has already; null when there is none on the list. @param modelId full id */
export function reestimated(workspace: Workspace, modelId: string): string | null {
  const found = workspace
    .listModels()
    .findLast(({ parentId, role }) => parentId === modelId && role === BATCH_NORM_ROLE);
  return found?.id ?? null;
}

/**
 * Estimates the batch-norm statistics of a model again on the training images of its dataset, as they are curated now.
 * @param wanted id, name or the beginning of an id
 * @throws AppError `not-found`, `invalid-data`, `invalid-model`, `cancelled`
 */
export async function reestimateModel(
  workspace: Workspace,
  runtime: Runtime,
  wanted: string,
  { signal, onProgress, appVersion }: Pick<WorkflowHooks, 'signal' | 'onProgress' | 'appVersion'>,
): Promise<ModelInfo> {
  const startedMs = performance.now();
  const row = workspace.getModel(wanted);
  const parent = await loadModel(row.folder);
  const { info } = parent;
  const manifest = workspace.loadManifest(info.lineage.datasetId);
  const { block } = await loadImages(manifest, usableImages(manifest, 'train'), info.decode, {
    cacheDir: workspace.cacheFolder(),
    signal,
    onProgress: within(onProgress, 0, DECODING),
  });
  const session = scoringSession(runtime, parent);
  try {
    const weights = await reestimateStatistics(session, block, {
      batchSize: BATCH,
      seed: SEED,
      signal,
      onProgress: within(onProgress, DECODING, 1),
    });
    const id = workspace.newId('model');
    const name = `${row.name}, batch-norm statistics again (control)`;
    const child = await saveModel(
      workspace.modelFolder(id),
      {
        ...info,
        id,
        name,
        createdAt: new Date().toISOString(),
        history: [],
        wallSeconds: (performance.now() - startedMs) / 1000,
        stopReason: 'statistics estimated',
        lineage: {
          parentId: row.id,
          parentWeightsSha256: info.weightsSha256,
          datasetId: info.lineage.datasetId,
          datasetFingerprint: manifest.fingerprint,
          ...(info.lineage.barred ? { barred: info.lineage.barred } : {}),
        },
        madeWith: { app: appVersion, tier: runtime.tier, tensorflow: runtime.tensorflowVersion },
      },
      weights,
      await readBarredImages(info, row.folder),
    );
    workspace.addModel({
      id,
      name,
      parentId: row.id,
      datasetId: row.datasetId,
      role: BATCH_NORM_ROLE,
      objective: row.objective,
      preset: row.preset,
      weightsSha256: child.weightsSha256,
      json: child,
    });
    return child;
  } finally {
    session.dispose();
  }
}
