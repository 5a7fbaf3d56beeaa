/** One training run, from a dataset in the workspace to a model in the workspace. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { computeNormalisation } from '../decode/normalisation.ts';
import type { DecodeSpec } from '../decode/types.ts';
import type { PixelBlock } from '../decode/pixel-block.ts';
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { AppError, messageOf } from '../errors.ts';
import { validated, type Architecture } from '../model/architecture.ts';
import { initialiseWeights } from '../model/initialise.ts';
import { loadModel, saveModel, type Model, type ModelInfo } from '../model/model-file.ts';
import { encodeSafetensors } from '../model/safetensors.ts';
import { within, type ProgressListener } from '../progress.ts';
import type { ModelRole } from '../report/audit.ts';
import { sha256Hex } from '../sha256.ts';
import { latestCheckpoint, saveCheckpoint } from '../store/checkpoints.ts';
import { EventLog } from '../store/events.ts';
import type { RunRow, RunState } from '../store/runs.ts';
import type { Workspace } from '../store/workspace.ts';
import type { HostTensor } from '../tf/host-tensor.ts';
import type { Runtime } from '../tf/runtime.ts';
import { decodeCheckpoint, encodeCheckpoint, type TrainingState } from '../train/checkpoint.ts';
import {
  isControl,
  objectiveOf,
  withTrainingAccuracy,
  type TrainingConfig,
} from '../train/config.ts';
import { validateConfig } from '../train/validate-config.ts';
import type { TrainingEvent } from '../train/events.ts';
import { train, type TrainingOutcome } from '../train/train.ts';
import { barredBy, describeOutliers, outlierImages, type Outliers } from './outliers.ts';
import { labelled, loadImages, usableImages, type LoadedImages } from './images.ts';

/** What to train. Stored with the run, so that it can be resumed. */
export interface TrainingRequest {
  readonly kind: 'pretrain' | 'finetune';
  readonly datasetId: string;
  /** The model to fine-tune; null to start from fresh weights. */
  readonly parentId: string | null;
  readonly name: string;
  readonly preset: string;
  readonly architecture: Architecture;
  readonly decode: DecodeSpec;
  readonly config: TrainingConfig;
  /** See `TrainingInput.patience`. */
  readonly patience?: number | null;
  /** Shared by runs that were asked for together. */
  readonly groupId?: string | null;
}

export interface WorkflowHooks {
  /** Cancels; with the reason `'pause'` the run is paused instead. Both leave a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the training in order and keeps the best epoch so far. */
  readonly finish?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onTrainingEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Something the user should know that does not stop the work. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** What progress calls this run, e.g. `Pretrain`. */
  readonly phase?: string | undefined;
  /** Version of this program, written into models. */
  readonly appVersion: string;
}

/** Creates a run and trains it to the end. On failure or cancellation the run keeps its checkpoints. */
export async function trainModel(
  workspace: Workspace,
  runtime: Runtime,
  request: TrainingRequest,
  hooks: WorkflowHooks,
): Promise<ModelInfo> {
  const run = createTrainingRun(workspace, request);
  return execute(workspace, runtime, run.id, request, null, hooks);
}

/**
 * Makes a run without starting it; `resumeRun` starts it.
 * @param queuePosition when it is to wait in the queue
 * @throws AppError `usage`, `invalid-model` when the request makes no sense
 */
export function createTrainingRun(
  workspace: Workspace,
  request: TrainingRequest,
  queuePosition: number | null = null,
): RunRow {
  validated(request.architecture);
  validateConfig(request.config);
  return workspace.createRun({ kind: request.kind, config: request, queuePosition });
}

/**
 * Starts a run that was made, or goes on with one that was paused, cancelled, interrupted or that failed.
 * @throws AppError `usage` when the run has finished, `invalid-model` when no checkpoint verifies
 */
export async function resumeRun(
  workspace: Workspace,
  runtime: Runtime,
  runId: string,
  hooks: WorkflowHooks,
): Promise<ModelInfo> {
  const run = workspace.getRun(runId);
  if (run.state === 'succeeded')
    throw new AppError('usage', `Run ${run.id} has finished; its model is ${run.modelId ?? ''}.`);
  const request = run.config as TrainingRequest;
  const { checkpoint, skipped } = await latestCheckpoint(workspace.runFolder(run.id));
  const damaged = skipped.map(
    ({ step, reason }) =>
      `The checkpoint of step ${step} is damaged (${reason}); going on from step ${checkpoint?.step ?? 0}.`,
  );
  for (const text of damaged) hooks.onWarning?.(text);
  const state = checkpoint ? decodeCheckpoint(await readFolder(checkpoint.folder)) : null;
  return execute(workspace, runtime, run.id, request, state, hooks, damaged);
}

async function execute(
  workspace: Workspace,
  runtime: Runtime,
  runId: string,
  request: TrainingRequest,
  resume: TrainingState | null,
  hooks: WorkflowHooks,
  notes: readonly string[] = [],
): Promise<ModelInfo> {
  const folder = workspace.runFolder(runId);
  const log = new EventLog(path.join(folder, 'events.jsonl'));
  const note = (text: string): void => {
    const event: TrainingEvent = { type: 'note', time: new Date().toISOString(), text };
    log.append(event);
    hooks.onTrainingEvent?.(event);
  };
  workspace.updateRun(runId, { state: 'running' });
  try {
    for (const text of notes) note(text);
    note(
      `${resume ? `Going on from step ${resume.step}` : 'Started'} on ${runtime.tier}, TensorFlow ${runtime.tensorflowVersion}, ${runtime.threads} threads.`,
    );
    const prepared = await prepare(workspace, request, hooks);
    const { config } = prepared.request;
    if (prepared.outliers && config.outliers)
      note(
        describeOutliers(
          prepared.outliers,
          config.outliers,
          config.batchSize,
          prepared.manifest.name,
        ),
      );
    const outcome = await runTraining(runtime, prepared, resume, {
      ...hooks,
      onTrainingEvent: (event) => {
        // Steps are for live curves; the log keeps epochs and every tenth step.
        if (event.type !== 'step-finished' || event.step % 10 === 0) log.append(event);
        hooks.onTrainingEvent?.(event);
      },
      saveState: async (state) => {
        await saveCheckpoint(folder, { step: state.step, files: await encodeCheckpoint(state) });
      },
    });
    const info = await store(workspace, runtime, prepared, outcome, hooks.appVersion);
    workspace.updateRun(runId, { state: 'succeeded', modelId: info.id });
    note(`Made the model ${info.name}: ${outcome.reason} after ${info.history.length} epochs.`);
    return info;
  } catch (error) {
    const state = stateAfter(error, hooks.signal);
    // A full disk must not hide what happened behind the failure to write it down.
    const message = messageOf(error);
    if (!isNoSpace(error))
      note(state === 'paused' ? message.replace('Cancelled', 'Paused') : message);
    workspace.updateRun(runId, {
      state,
      error:
        state === 'paused' && !isNoSpace(error)
          ? null
          : {
              code: error instanceof AppError ? error.code : 'internal',
              message,
            },
    });
    if (error instanceof AppError)
      throw new AppError(error.code, error.message, {
        details: { ...error.details, runId },
        cause: error,
      });
    throw error;
  } finally {
    log.close();
  }
}

/** What a run becomes that did not come to its end. A full disk pauses it: it goes on once there is space. */
function stateAfter(error: unknown, signal: AbortSignal | undefined): RunState {
  if (isNoSpace(error)) return 'paused';
  const stopped = error instanceof AppError && error.code === 'cancelled';
  if (!stopped) return 'failed';
  return signal?.reason === 'pause' ? 'paused' : 'cancelled';
}

const isNoSpace = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'no-space';

interface Prepared {
  /** With every setting of the objective that was taken from the parent. */
  readonly request: TrainingRequest;
  readonly outliers: (Outliers & { readonly block: PixelBlock }) | null;
  readonly manifest: Manifest;
  readonly parent: Model | null;
  readonly train: ReturnType<typeof labelled>;
  readonly val: ReturnType<typeof labelled>;
  readonly normalisation: ModelInfo['normalisation'];
  readonly startingWeights: ReadonlyMap<string, HostTensor>;
}

/** What a killed process may lose beyond the steps of one epoch. */
const CHECKPOINTS_APART_MS = 5000;

/** Share of a run's progress that goes to decoding. */
const DECODING = 0.05;

async function prepare(
  workspace: Workspace,
  request: TrainingRequest,
  { signal, onProgress, onWarning }: WorkflowHooks,
): Promise<Prepared> {
  const { datasetId, parentId, architecture, decode } = request;
  const manifest = workspace.loadManifest(datasetId);
  if (manifest.role !== 'id')
    throw new AppError(
      'invalid-data',
      `${manifest.name} is an out-of-distribution set; only a set with classes can be trained on.`,
    );
  const parent = parentId === null ? null : await loadModel(workspace.modelFolder(parentId));
  if (parent && parent.info.classes.join('\0') !== manifest.classes.join('\0'))
    throw new AppError(
      'invalid-data',
      `The model ${parent.info.name} knows the classes ${parent.info.classes.join(', ')}; ${manifest.name} has ${manifest.classes.join(', ')}.`,
    );
  const config = withTrainingAccuracy(request.config, parent?.info.history.at(-1)?.trainAccuracy);
  const chosen = config.outliers ? outlierImages(workspace, manifest, config.outliers) : null;
  const load = async (
    source: Manifest,
    images: readonly ImageRecord[],
    what: string,
    from: number,
    to: number,
  ): Promise<LoadedImages> => {
    const { name, root } = source;
    const loaded = await loadImages(source, images, decode, {
      cacheDir: workspace.cacheFolder(),
      signal,
      onProgress: within(onProgress, from, to),
    });
    const [first] = loaded.failures;
    if (first)
      onWarning?.(
        `${name}: ${loaded.failures.length} of ${images.length} ${what} could be read at the scan and cannot now, so they are left out; the first, ${JSON.stringify(first.path)}: ${first.reason}. Scan ${root} again to train on what is there.`,
      );
    return loaded;
  };
  const ofSplit = (split: 'train' | 'val', from: number, to: number) =>
    load(manifest, usableImages(manifest, split), `${split} images`, from, to);
  const trainImages = await ofSplit('train', 0, 0.6 * DECODING);
  const valImages = await ofSplit('val', 0.6 * DECODING, 0.8 * DECODING);
  const outliers =
    chosen && (await load(chosen.manifest, chosen.images, 'outliers', 0.8 * DECODING, DECODING));
  const { mean, std } =
    parent?.info.normalisation ?? (await computeNormalisation(trainImages.block));
  return {
    request: { ...request, config },
    // What can no longer be read has not been trained on.
    outliers: chosen && outliers && { ...chosen, images: outliers.records, block: outliers.block },
    manifest,
    parent,
    train: labelled(trainImages),
    val: labelled(valImages),
    normalisation: { mean: [...mean], std: [...std] },
    startingWeights: parent?.weights ?? initialiseWeights(architecture, config.seed),
  };
}

async function runTraining(
  runtime: Runtime,
  {
    request,
    manifest,
    outliers,
    train: trainImages,
    val,
    normalisation,
    startingWeights,
  }: Prepared,
  resume: TrainingState | null,
  hooks: WorkflowHooks & { readonly saveState: (state: TrainingState) => Promise<void> },
): Promise<TrainingOutcome> {
  const { architecture, config, decode } = request;
  const { momentum, nesterov, weightDecay } = config;
  const session = runtime.createSession({
    architecture,
    normalisation,
    objective: objectiveOf(config),
    sgd: { momentum, nesterov, weightDecay },
    precision: config.precision,
    weights: startingWeights,
  });
  const fingerprint = sha256Hex(
    JSON.stringify([
      architecture,
      config,
      decode,
      manifest.fingerprint,
      sha256Hex(encodeSafetensors(startingWeights)),
      ...(outliers ? [outliers.manifest.fingerprint, outliers.images.length] : []),
    ]),
  );
  try {
    return await train(
      {
        session,
        config,
        classes: architecture.classes,
        train: trainImages,
        val,
        outliers: outliers?.block ?? null,
        fingerprint,
        resume,
        patience: request.patience ?? null,
      },
      {
        signal: hooks.signal,
        finish: hooks.finish,
        onProgress: within(hooks.onProgress, DECODING, 1),
        onEvent: hooks.onTrainingEvent,
        saveCheckpoint: hooks.saveState,
        checkpointsApartMs: CHECKPOINTS_APART_MS,
        phase: hooks.phase ?? 'Train',
      },
    );
  } finally {
    session.dispose();
  }
}

async function store(
  workspace: Workspace,
  runtime: Runtime,
  { request, manifest, outliers, parent, normalisation }: Prepared,
  outcome: TrainingOutcome,
  appVersion: string,
): Promise<ModelInfo> {
  const id = workspace.newId('model');
  const parentFolder = parent && workspace.modelFolder(parent.info.id);
  const barred = await barredBy(id, outliers, parent, parentFolder);
  const info = await saveModel(
    workspace.modelFolder(id),
    {
      schema: 'straylight.model/1',
      id,
      name: request.name,
      createdAt: new Date().toISOString(),
      architecture: request.architecture,
      classes: [...manifest.classes],
      decode: request.decode,
      normalisation,
      preset: request.preset,
      config: request.config as ModelInfo['config'],
      history: [...outcome.history],
      wallSeconds: outcome.seconds,
      stopReason: outcome.reason,
      lineage: {
        parentId: parent?.info.id ?? null,
        parentWeightsSha256: parent?.info.weightsSha256 ?? null,
        datasetId: request.datasetId,
        datasetFingerprint: manifest.fingerprint,
        ...(barred.sets.length === 0 ? {} : { barred: [...barred.sets] }),
      },
      madeWith: { app: appVersion, tier: runtime.tier, tensorflow: runtime.tensorflowVersion },
    },
    outcome.weights,
    barred.images,
  );
  workspace.addModel({
    id,
    name: info.name,
    parentId: info.lineage.parentId,
    datasetId: request.datasetId,
    role: roleOf(request),
    objective: request.config.objective,
    preset: request.preset,
    weightsSha256: info.weightsSha256,
    json: info,
  });
  return info;
}

/** `other`: fine-tuned with an objective that is neither sparsity nor a control. */
function roleOf({ kind, config }: TrainingRequest): ModelRole | 'other' {
  if (kind === 'pretrain') return 'before';
  if (isControl(config)) return 'control';
  return config.lambda > 0 ? 'sparse' : 'other';
}

async function readFolder(folder: string): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const name of await readdir(folder)) files[name] = await readFile(path.join(folder, name));
  return files;
}
