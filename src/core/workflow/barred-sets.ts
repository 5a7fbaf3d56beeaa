/** A set that a model was trained on as outliers says nothing about it: which sets those are, and refusing them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../datasets/types.ts';
import { AppError, messageOf } from '../errors.ts';
import { BARRED_IMAGES, type BarredSet, type ModelInfo } from '../model/model-file.ts';
import type { ModelRow } from '../store/models.ts';
import type { Workspace } from '../store/workspace.ts';
import { Recent } from './recent.ts';

/** Why a set may not be used to evaluate a model. */
export interface Bar {
  readonly modelId: string;
  readonly datasetId: string;
  /** `trained-on`: the very set, or one with the same images. `shares-images`: some images are the same. */
  readonly reason: 'trained-on' | 'shares-images';
  /** Name of the set that was trained on, when it was. */
  readonly outlierName: string;
  /** Images of the set, not excluded, that the model was trained on. */
  readonly shared: number;
  readonly images: number;
}

/** Sets that a model or an ancestor was trained on as outliers. */
export const barredSets = ({ json }: ModelRow): readonly BarredSet[] =>
  (json as Partial<ModelInfo> | null)?.lineage?.barred ?? [];

/** Lists of hashes by model; a model's never changes. */
const hashes = new Recent<ReadonlySet<string>>(4);
/** Shared images by model, dataset, and the dataset's state. */
const counted = new Recent<Pick<Bar, 'shared' | 'images'>>(64);

/**
 * Whether a model was trained on a set, or on any image of it that is not excluded, as outliers.
 * @returns null when it may be evaluated on it
 * @throws AppError `invalid-model` when the model's list of outliers cannot be read
 */
export function barOf(workspace: Workspace, model: ModelRow, wanted: string): Bar | null {
  const sets = barredSets(model);
  if (sets.length === 0) return null;
  const { id: datasetId, fingerprint } = workspace.getDataset(wanted);
  const manifest = workspace.loadManifest(datasetId);
  // Of the folder as it was read, and of what people left of it.
  const fingerprints = [fingerprint, manifest.fingerprint];
  const same = sets.find(
    (set) => set.datasetId === datasetId || fingerprints.includes(set.fingerprint),
  );
  const { shared, images } = sharedImages(model, datasetId, manifest);
  if (!same && shared === 0) return null;
  return {
    modelId: model.id,
    datasetId,
    reason: same ? 'trained-on' : 'shares-images',
    outlierName: (same ?? sets.at(-1)!).name,
    shared,
    images,
  };
}

/** In a sentence or two: which set, why, what to do. */
export function describeBar(bar: Bar, modelName: string, datasetName: string): string {
  const of = `${bar.shared.toLocaleString('en-US')} of ${bar.images.toLocaleString('en-US')} images`;
  return bar.reason === 'trained-on'
    ? `${datasetName} is barred for ${modelName}: the model, or one it was made from, was trained on it as auxiliary outliers (${bar.outlierName}), so it says nothing about images the model has not seen. Evaluate on another set.`
    : `${datasetName} is barred for ${modelName}: ${of} are among the outliers (${bar.outlierName}) that the model, or one it was made from, was trained on. Exclude them in Curate, or evaluate on another set.`;
}

/**
 * Refuses an evaluation of models on out-of-distribution sets that any of them was trained on.
 * @throws AppError `usage` naming the first set, why, and what to do
 */
export function refuseBarred(
  workspace: Workspace,
  modelIds: readonly string[],
  oodDatasetIds: readonly string[],
): void {
  for (const modelId of modelIds) {
    const model = workspace.getModel(modelId);
    for (const datasetId of oodDatasetIds) {
      const bar = barOf(workspace, model, datasetId);
      if (bar)
        throw new AppError(
          'usage',
          describeBar(bar, model.name, workspace.getDataset(datasetId).name),
          { details: { ...bar } },
        );
    }
  }
}

/** Counted on the set without what people excluded, so that excluding the shared images lifts the bar. */
function sharedImages(
  model: ModelRow,
  datasetId: string,
  manifest: Manifest,
): Pick<Bar, 'shared' | 'images'> {
  return counted.get(`${model.folder} ${datasetId} ${manifest.fingerprint}`, () => {
    const trained = trainedImages(model);
    const usable = manifest.images.filter(({ status }) => status === 'ok');
    return {
      shared: usable.filter(({ sha256 }) => trained.has(sha256)).length,
      images: usable.length,
    };
  });
}

const trainedImages = ({ folder, name }: ModelRow): ReadonlySet<string> =>
  hashes.get(folder, () => {
    try {
      return new Set(readFileSync(path.join(folder, BARRED_IMAGES), 'utf8').split('\n'));
    } catch (error) {
      throw new AppError(
        'invalid-model',
        `The list of outliers that ${name} was trained on cannot be read: ${messageOf(error)}. Restore ${folder} from a backup or train again.`,
      );
    }
  });
