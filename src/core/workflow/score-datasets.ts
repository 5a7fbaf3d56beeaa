/** Scores whole datasets into the workspace, part by part, so that memory does not grow with their size. */
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { imageBytes } from '../decode/pixel-block.ts';
import type { DecodeFailure } from '../decode/types.ts';
import { loadModel, type Model } from '../model/model-file.ts';
import { summariseNetwork } from '../model/architecture.ts';
import { within } from '../progress.ts';
import { energiesOf, energy } from '../score/energy.ts';
import { predictions } from '../score/predictions.ts';
import { featureStatistics } from '../score/sparsity.ts';
import { humanBytes } from '../store/disk-errors.ts';
import { matrixWidth, scoreBytes, shapeThatFits, type ScoreBatch, type ScoreShape, type ScoreWriter } from '../store/score-files.ts'; // prettier-ignore
import type { Workspace } from '../store/workspace.ts';
import type { Runtime } from '../tf/runtime.ts';
import type { Session } from '../tf/session.ts';
import { forwardAll, type Outputs } from '../train/evaluate.ts';
import { decodeImages, noImages, usableImages } from './images.ts';
import { scoringSession } from './score-model.ts';
import { EXTRAS, type Extra, PERTURBATION } from './stored-inputs.ts';
import type { WorkflowHooks } from './train-model.ts';

/** How scoring one dataset ended; `scored + failed + excluded = discovered`. */
export interface DatasetScored {
  readonly datasetId: string;
  readonly name: string;
  readonly scored: number;
  /** Unreadable at the scan or since. */
  readonly failed: number;
  readonly excluded: number;
  readonly discovered: number;
  /** Readable at the scan, but not any more. */
  readonly failures: readonly DecodeFailure[];
  /** False when the disk has no room for them. */
  readonly featuresKept: boolean;
  /** What was asked for and there was room for. */
  readonly extrasKept: readonly Extra[];
}

/** How to score. */
export interface ScoreDatasetsOptions extends Omit<WorkflowHooks, 'appVersion'> {
  /** What is kept beside logits and features, in the same pass over the images; see `extrasOf`. */
  readonly extras?: readonly Extra[];
}

/** Decoded pixels up to this size are kept in the cache as one block, which training and audits use too. */
const CACHED_BYTES = 512 * 2 ** 20;
/** Larger sets are decoded and scored in parts of this size, and not kept. */
const PART_BYTES = 128 * 2 ** 20;
const PART_IMAGES = 32_768;

/**
 * Runs a model over every usable image of some datasets and stores what it says, in place of earlier scores.
 * What was finished before a cancellation or a failure stays.
 * @param modelId, datasetIds full ids
 * @throws AppError `invalid-data` when a dataset has no readable image; `no-space`; `cancelled`
 */
export async function scoreDatasets(
  workspace: Workspace,
  runtime: Runtime,
  modelId: string,
  datasetIds: readonly string[],
  hooks: ScoreDatasetsOptions,
): Promise<readonly DatasetScored[]> {
  const model = await loadModel(workspace.getModel(modelId).folder);
  const session = scoringSession(runtime, model);
  const results: DatasetScored[] = [];
  try {
    for (const [i, datasetId] of datasetIds.entries()) {
      const onProgress = within(hooks.onProgress, i / datasetIds.length, (i + 1) / datasetIds.length); // prettier-ignore
      const task = { workspace, session, model, modelId, datasetId };
      results.push(await scoreDataset(task, { ...hooks, onProgress }));
    }
  } finally {
    session.dispose();
  }
  return results;
}

interface Task {
  readonly workspace: Workspace;
  readonly session: Session;
  readonly model: Model;
  readonly modelId: string;
  readonly datasetId: string;
}

async function scoreDataset(task: Task, hooks: ScoreDatasetsOptions) {
  const { workspace, session, model, modelId, datasetId } = task;
  // As it was scanned: an image that a person excluded keeps its scores, in case it is brought back.
  const manifest = workspace.loadRegistered(datasetId);
  const parts = partsOf(manifest, model.info.decode.size);
  const images = parts.reduce((sum, part) => sum + part.images.length, 0);
  const network = summariseNetwork(model.info.architecture);
  const { extras = [] } = hooks;
  const wanted: ScoreShape = {
    classes: model.info.classes.length,
    units: network.featureCount,
    stages: extras.includes('stages') ? network.stageWidths.reduce((sum, width) => sum + width, 0) : 0, // prettier-ignore
    perturbed: extras.includes('perturbed') ? PERTURBATION : null,
  };
  const shape = await shapeThatFits(workspace.modelFolder(modelId), manifest.name, images, wanted);
  const { stages, perturbed } = shape;
  if (extras.length > 0 && !stages && !perturbed)
    hooks.onWarning?.(
      `${manifest.name}: the disk has no room for what ${extras.join(' and ')} would take (${humanBytes(scoreBytes(images, wanted) - scoreBytes(images, { ...wanted, stages: 0, perturbed: null }))}), so the detectors that need it are not available. Free some space and score again.`,
    );
  if (shape.units === 0)
    hooks.onWarning?.(
      `${manifest.name}: the disk has no room for penultimate features, so nearest images, embeddings and scores that need features are not available. Free some space and score again.`,
    );
  const writer = await workspace.newScores({ modelId, datasetId }, shape);
  const failures: DecodeFailure[] = [];
  const ordinals = new Map(manifest.images.map((image, ordinal) => [image, ordinal]));
  try {
    let done = 0;
    for (const part of parts) {
      const from = done / images;
      done += part.images.length;
      const onProgress = within(hooks.onProgress, from, done / images);
      const loaded = await decodeImages(manifest, part.images, model.info.decode, {
        signal: hooks.signal,
        onProgress: within(onProgress, 0, 0.5),
        ...(part.cached ? { cacheDir: workspace.cacheFolder() } : {}),
      });
      failures.push(...loaded.failures);
      if (loaded.block.count === 0) continue;
      const outputs = await forwardAll(session, loaded.block, {
        signal: hooks.signal,
        phase: `Score ${manifest.name}`,
        onProgress: within(onProgress, 0.5, 1),
        stages: (stages ?? 0) > 0,
        perturb: perturbed ?? null,
      });
      const rows = Uint32Array.from(loaded.records, (record) => ordinals.get(record)!);
      await writer.append(batchOf(rows, outputs));
    }
    if (writer.count === 0) throw noImages(manifest, failures);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await workspace.saveScores({ modelId, datasetId, fingerprint: manifest.fingerprint }, writer);
  return outcome(task.datasetId, manifest, writer, failures);
}

function outcome(
  datasetId: string,
  manifest: Manifest,
  writer: ScoreWriter,
  failures: readonly DecodeFailure[],
): DatasetScored {
  const count = (status: ImageRecord['status']): number =>
    manifest.images.reduce((n, image) => (image.status === status ? n + 1 : n), 0);
  return {
    datasetId,
    name: manifest.name,
    scored: writer.count,
    failed: count('failed') + failures.length,
    excluded: count('excluded'),
    discovered: manifest.images.length,
    failures,
    featuresKept: writer.shape.units > 0,
    extrasKept: EXTRAS.filter((extra) => matrixWidth(writer.shape, extra) > 0),
  };
}

interface Part {
  readonly images: readonly ImageRecord[];
  readonly cached: boolean;
}

/** By split, as training and audits decode them, so that they find each other's cached blocks. */
function partsOf(manifest: Manifest, size: number): readonly Part[] {
  const splits = manifest.role === 'id' ? (['val', 'test', 'train'] as const) : [null];
  const unsplit = manifest.role === 'id' ? manifest.images.filter(({ status, split }) => status === 'ok' && split === null) : []; // prettier-ignore
  const groups = [...splits.map((split) => usableImages(manifest, split)), unsplit];
  const step = Math.max(1, Math.min(PART_IMAGES, Math.floor(PART_BYTES / imageBytes({ size }))));
  return groups
    .filter(({ length }) => length > 0)
    .flatMap((images): Part[] => {
      if (images.length * imageBytes({ size }) <= CACHED_BYTES) return [{ images, cached: true }];
      return Array.from({ length: Math.ceil(images.length / step) }, (_, i) => ({
        images: images.slice(i * step, (i + 1) * step),
        cached: false,
      }));
    });
}

/** What is stored of a network's answers. */
export function batchOf(rows: Uint32Array, outputs: Outputs): ScoreBatch {
  const { count, classes, featureCount } = outputs;
  const logits = { data: outputs.logits, count, classes };
  const { l1, hoyerOf } = featureStatistics({ data: outputs.features, count, units: featureCount });
  return {
    rows,
    logits: outputs.logits,
    features: outputs.features,
    stages: outputs.stages,
    perturbed: outputs.perturbed,
    energies: energiesOf(energy.score({ logits })),
    ...predictions(logits),
    l1,
    hoyer: hoyerOf,
  };
}
