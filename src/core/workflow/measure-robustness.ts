/** Models on corrupted test images: the optional robustness job. */
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { imageBytes, readRows, type PixelBlock } from '../decode/pixel-block.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import { thresholdAtTpr } from '../metrics/threshold.ts';
import { loadModel, type ModelInfo } from '../model/model-file.ts';
import { PhaseReporter, within } from '../progress.ts';
import { Random } from '../random.ts';
import { corrupt, CORRUPTIONS, SEVERITIES, type Corruption, type Severity } from '../robustness/corruptions.ts'; // prettier-ignore
import { measured, separation, type Answers } from '../robustness/measure.ts';
import { loadRobustness, saveRobustness, type Robustness, type RobustnessSettings } from '../robustness/stored.ts'; // prettier-ignore
import { energy } from '../score/energy.ts';
import { predictions } from '../score/predictions.ts';
import type { Workspace } from '../store/workspace.ts';
import type { Runtime } from '../tf/runtime.ts';
import type { Session } from '../tf/session.ts';
import { forwardAll } from '../train/evaluate.ts';
import { loadImages, usableImages } from './images.ts';
import { scoringSession } from './score-model.ts';
import type { WorkflowHooks } from './train-model.ts';

export const ROBUSTNESS_DEFAULTS: RobustnessSettings = {
  images: null,
  seed: 1,
  corruptions: [...CORRUPTIONS],
  severities: [...SEVERITIES],
};

export interface RobustnessRequest extends RobustnessSettings {
  readonly modelIds: readonly string[];
  /** The ID dataset; its validation images give the threshold, its test images are corrupted. */
  readonly datasetId: string;
}

type Hooks = Omit<WorkflowHooks, 'appVersion'>;

/**
 * Measures models one after the other and keeps each result beside its model. What is known for the same weights,
 * images and settings is not measured again.
 * @returns in the order of `modelIds`
 * @throws AppError `invalid-data` when the dataset has no validation or test images; `cancelled`
 */
export async function measureRobustness(
  workspace: Workspace,
  runtime: Runtime,
  { modelIds, datasetId, ...settings }: RobustnessRequest,
  hooks: Hooks,
): Promise<readonly Robustness[]> {
  const manifest = workspace.loadManifest(datasetId);
  const images = sampled(manifest, settings);
  const results: Robustness[] = [];
  for (const [i, id] of modelIds.entries()) {
    const known = await loadRobustness(workspace, id, datasetId);
    if (known && sameSettings(known.settings, settings)) {
      results.push(known);
      continue;
    }
    const onProgress = within(hooks.onProgress, i / modelIds.length, (i + 1) / modelIds.length);
    const task = { workspace, runtime, manifest, images, settings, datasetId, modelId: id };
    const result = await measureModel(task, { ...hooks, onProgress });
    await saveRobustness(workspace, id, result);
    results.push(result);
  }
  return results;
}

const sameSettings = (a: RobustnessSettings, b: RobustnessSettings): boolean =>
  JSON.stringify([a.images, a.seed, a.corruptions, a.severities]) ===
  JSON.stringify([b.images, b.seed, b.corruptions, b.severities]);

/** Test images in the order of the scan: all of them, or a seeded sample. */
function sampled(
  manifest: Manifest,
  { images: most, seed }: RobustnessSettings,
): readonly TestImage[] {
  const ordinals = new Map(manifest.images.map((image, ordinal) => [image, ordinal]));
  const all = usableImages(manifest, 'test').map((record) => ({ record, ordinal: ordinals.get(record)! })); // prettier-ignore
  if (all.length === 0 || usableImages(manifest, 'val').length === 0)
    throw new AppError(
      'invalid-data',
      `${manifest.name} has ${all.length === 0 ? 'no test images to corrupt' : 'no validation images to choose a threshold on'}. Choose an in-distribution dataset with train, val and test images.`,
    );
  if (most === null || most >= all.length) return all;
  return new Random(seed)
    .shuffle(all)
    .slice(0, most)
    .sort((a, b) => a.ordinal - b.ordinal);
}

interface TestImage {
  readonly record: ImageRecord;
  readonly ordinal: number;
}

interface Task {
  readonly workspace: Workspace;
  readonly runtime: Runtime;
  readonly manifest: Manifest;
  readonly images: readonly TestImage[];
  readonly settings: RobustnessSettings;
  readonly datasetId: string;
  readonly modelId: string;
}

async function measureModel(task: Task, hooks: Hooks): Promise<Robustness> {
  const { workspace, manifest, settings, datasetId } = task;
  const model = await loadModel(workspace.modelFolder(task.modelId));
  const { info } = model;
  const load = (images: readonly ImageRecord[], from: number, to: number) =>
    loadImages(manifest, images, info.decode, {
      cacheDir: workspace.cacheFolder(),
      signal: hooks.signal,
      onProgress: within(hooks.onProgress, from, to),
    });
  const validation = await load(usableImages(manifest, 'val'), 0, 0.05);
  const loaded = await load(task.images.map(({ record }) => record), 0.05, 0.1); // prettier-ignore
  const { block, records } = loaded;
  const ordinalOf = new Map(task.images.map(({ record, ordinal }) => [record, ordinal]));
  const ordinals = records.map((record) => ordinalOf.get(record)!);
  const labels = labelsIn(info, manifest, records);
  const session = scoringSession(task.runtime, model);
  try {
    const val = await forwardAll(session, validation.block, { signal: hooks.signal });
    const threshold = thresholdAtTpr(energy.score({ logits: { data: val.logits, count: val.count, classes: val.classes } })); // prettier-ignore
    const pass = new Passes(session, block, ordinals, settings.seed, hooks);
    const clean = await pass.answers(null);
    const cells: Robustness['cells'] = [];
    const kinds = settings.corruptions.flatMap((corruption) =>
      settings.severities.map((severity) => ({ corruption, severity })),
    );
    for (const [i, kind] of kinds.entries()) {
      const answers = await pass.answers(kind, 0.1 + (0.9 * i) / kinds.length, 0.1 + (0.9 * (i + 1)) / kinds.length); // prettier-ignore
      cells.push({
        ...kind,
        ...measured(answers, labels, threshold),
        auroc: separation(clean, answers),
      });
    }
    return {
      schema: 'straylight.robustness/1',
      weightsSha256: info.weightsSha256,
      datasetId: workspace.getDataset(datasetId).id,
      fingerprint: manifest.fingerprint,
      settings,
      size: info.decode.size,
      images: records.length,
      threshold,
      thresholdImages: val.count,
      clean: measured(clean, labels, threshold),
      cells,
      createdAt: new Date().toISOString(),
    };
  } finally {
    session.dispose();
  }
}

/** A dataset's classes by name among those of the model; -1 for one that it does not know. */
function labelsIn(
  { classes }: ModelInfo,
  manifest: Manifest,
  records: readonly ImageRecord[],
): Int32Array {
  const place = manifest.classes.map((name) => classes.indexOf(name));
  return Int32Array.from(records, ({ classIndex }) => (classIndex === null ? -1 : place[classIndex]!)); // prettier-ignore
}

const BATCH = 128;

/** The same images through the same network, clean or corrupted. */
class Passes {
  private readonly session: Session;
  private readonly block: PixelBlock;
  private readonly ordinals: readonly number[];
  private readonly seed: number;
  private readonly hooks: Hooks;

  constructor(
    session: Session,
    block: PixelBlock,
    ordinals: readonly number[],
    seed: number,
    hooks: Hooks,
  ) {
    this.session = session;
    this.block = block;
    this.ordinals = ordinals;
    this.seed = seed;
    this.hooks = hooks;
  }

  async answers(
    kind: { readonly corruption: Corruption; readonly severity: Severity } | null,
    from = 0.1,
    to = 0.1,
  ): Promise<Answers> {
    const { block, hooks } = this;
    const reporter = new PhaseReporter({
      phase: kind ? `${kind.corruption} ${kind.severity}` : 'Clean images',
      total: block.count,
      unit: 'images',
      from,
      to,
      listener: hooks.onProgress,
    });
    const scores = new Float64Array(block.count);
    const predicted = new Int32Array(block.count);
    const batch = Math.min(BATCH, block.count);
    for (let start = 0; start < block.count; start += batch) {
      throwIfAborted(hooks.signal);
      const rows = Math.min(batch, block.count - start);
      const { logits } = await this.session.forward(await this.pixels(kind, start, rows, batch), batch); // prettier-ignore
      const classes = logits.length / batch;
      const own = { data: logits.subarray(0, rows * classes), count: rows, classes };
      scores.set(energy.score({ logits: own }), start);
      predicted.set(predictions(own).predicted, start);
      reporter.report(start + rows);
    }
    return { scores, predicted };
  }

  /** A full batch; rows beyond the last image are blank. */
  private async pixels(
    kind: { readonly corruption: Corruption; readonly severity: Severity } | null,
    start: number,
    rows: number,
    batch: number,
  ): Promise<Uint8Array> {
    const { block } = this;
    const bytes = imageBytes(block);
    const pixels = new Uint8Array(batch * bytes);
    pixels.set(
      await readRows(
        block,
        Int32Array.from({ length: rows }, (_, i) => start + i),
      ),
    );
    if (kind === null) return pixels;
    await Promise.all(
      Array.from({ length: rows }, async (_, i) => {
        const image = pixels.subarray(i * bytes, (i + 1) * bytes);
        const random = new Random(this.seed, this.ordinals[start + i]!);
        image.set(await corrupt(image, block.size, kind.corruption, kind.severity, random));
      }),
    );
    return pixels;
  }
}
