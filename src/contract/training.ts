/** Training runs and the models they end in. */
import { z } from 'zod';
import { bytes, count, failure, id, jobEvent, name, progress, rate, seed, time } from './common.ts'; // prettier-ignore
import { call, done, job, nothing } from './method.ts';

export const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  z.strictObject({ kind: z.literal('step'), at: z.array(z.number()), factor: z.number() }),
  z.strictObject({ kind: z.literal('cosine'), final: z.number() }),
  z.strictObject({ kind: z.literal('one-cycle'), warmup: z.number() }),
]);

export const augmentation = z.strictObject({
  cropPadding: z.int().min(0).max(64),
  flip: z.boolean(),
});

/** The core's registry of objectives has the same. */
export const objectiveId = z.enum([
  'cross-entropy',
  'sparsity',
  'sparsity-logits',
  'logit-norm',
  'energy-margin',
  'outlier-exposure',
  'oecc',
  'confidence-calibrated',
]);
export type ObjectiveId = z.infer<typeof objectiveId>;

/** Mirrors `TrainingConfig` of the core, which checks the values. */
export const trainingConfig = z.strictObject({
  objective: objectiveId,
  lambda: z.number(),
  /** Of the objective, by name; its defaults where absent. */
  settings: z.record(z.string().max(64), z.number()).optional(),
  labelSmoothing: z.number().optional(),
  /** α of the Beta distribution; none when absent or 0. */
  mixup: z.number().optional(),
  /** Auxiliary outliers; none when absent or null. */
  outliers: z.strictObject({ datasetId: id, ratio: z.number() }).nullable().optional(),
  epochs: z.int(),
  batchSize: z.int(),
  learningRate: z.number(),
  schedule,
  momentum: z.number(),
  nesterov: z.boolean(),
  weightDecay: z.number(),
  augmentation,
  seed,
  keep: z.enum(['last', 'best']),
  precision: z.enum(['fp32', 'bf16']),
});
export type TrainingConfig = z.infer<typeof trainingConfig>;

export const decodeSpec = z.strictObject({
  size: z.int().min(8).max(512),
  resize: z.enum(['stretch', 'center-crop', 'pad']),
});

export const preset = z.strictObject({
  id: z.enum(['paper', 'authors', 'quick']),
  label: z.string(),
  description: z.string(),
  network: z.string(),
  dropout: z.number(),
  pretrain: trainingConfig,
  finetune: trainingConfig,
});
export type Preset = z.infer<typeof preset>;

export const network = z.strictObject({
  id: z.string(),
  label: z.string(),
  /** For 10 classes at 32x32. */
  parameters: count,
  multiplyAdds: count,
});

/** A number that an objective takes; `help` is in English, windows have their own words for it. */
export const objectiveSetting = z.strictObject({
  name: z.string(),
  symbol: z.string(),
  /** Null where it is taken from the model that is fine-tuned. */
  default: z.number().nullable(),
  least: z.number(),
  most: z.number(),
  help: z.string(),
});
export const objective = z.strictObject({
  id: objectiveId,
  label: z.string(),
  formula: z.string(),
  source: z.string(),
  /** Whether it must be given auxiliary outliers. */
  outliers: z.boolean(),
  settings: z.array(objectiveSetting),
});
export type Objective = z.infer<typeof objective>;

export const trainingOptions = z.strictObject({
  presets: z.array(preset),
  networks: z.array(network),
  objectives: z.array(objective),
  /** Outliers to one image unless told otherwise. */
  outlierRatio: z.number(),
  /** False where bf16 does not run. */
  bf16: z.boolean(),
});
export type TrainingOptions = z.infer<typeof trainingOptions>;

const shared = {
  preset: z.enum(['paper', 'authors', 'quick']),
  config: trainingConfig,
  /** One run per seed. */
  seeds: z.array(seed).min(1).max(20),
  name: name.optional(),
  /** Stop early when validation accuracy has not risen for so many epochs; null to run them all. */
  patience: z.int().min(1).max(1000).nullable().default(null),
};

export const pretrainRequest = z.strictObject({
  kind: z.literal('pretrain'),
  datasetId: id,
  network: z.string().max(64),
  dropout: rate,
  decode: decodeSpec,
  ...shared,
});
export const finetuneRequest = z.strictObject({
  kind: z.literal('finetune'),
  parentId: id,
  /** Train the λ = 0 control too: same start, seed, schedule and augmentation. */
  withControl: z.boolean(),
  ...shared,
});
export const trainingRequest = z.discriminatedUnion('kind', [pretrainRequest, finetuneRequest]);
export type TrainingRequest = z.infer<typeof trainingRequest>;

/** Cost on this machine. */
export const trainingEstimate = z.strictObject({
  /** Null when nothing has been measured yet. */
  seconds: z.number().nullable(),
  /** How the time is known. */
  basis: z.enum(['measured-here', 'similar-run', 'unknown']),
  imagesPerSecond: z.number().nullable(),
  memoryBytes: count,
  diskBytes: count,
  parameters: count,
  multiplyAdds: count,
  trainImages: count,
  steps: count,
  runs: count,
  warnings: z.array(z.string()),
  /** Why it cannot start; empty when it can. */
  problems: z.array(z.string()),
});
export type TrainingEstimate = z.infer<typeof trainingEstimate>;

export const epochRecord = z.strictObject({
  epoch: count,
  learningRate: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  valLoss: z.number(),
  valAccuracy: z.number(),
  featureL1: z.number(),
  meanEnergy: z.number(),
});
export type EpochRecord = z.infer<typeof epochRecord>;

export const runState = z.enum(['pending', 'running', 'paused', 'succeeded', 'failed', 'cancelled', 'interrupted']); // prettier-ignore

export const runSummary = z.strictObject({
  id,
  kind: z.enum(['pretrain', 'finetune']),
  /** Runs that were asked for together: seeds, and a sparse run with its control. */
  groupId: id.nullable(),
  purpose: z.enum(['pretrain', 'sparse', 'control', 'other']),
  name: z.string(),
  state: runState,
  /** Place in the queue, from 0; null when not waiting. */
  queuePosition: count.nullable(),
  datasetId: id,
  parentId: id.nullable(),
  modelId: id.nullable(),
  network: z.string(),
  preset: z.string(),
  config: trainingConfig,
  step: count,
  steps: count,
  epochs: z.array(epochRecord),
  progress: progress.nullable(),
  error: failure.nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});
export type RunSummary = z.infer<typeof runSummary>;

/** The story of a run, in order; what a reload replays. */
export const runEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('state'), run: runSummary }),
  z.strictObject({
    type: z.literal('step'),
    step: count,
    loss: z.number(),
    terms: z.record(z.string(), z.number()),
    learningRate: z.number(),
    imagesPerSecond: z.number(),
  }),
  z.strictObject({ type: z.literal('epoch'), epoch: epochRecord }),
  z.strictObject({ type: z.literal('checkpoint'), step: count }),
  z.strictObject({ type: z.literal('progress'), progress }),
  z.strictObject({ type: z.literal('log'), time, text: z.string() }),
]);
export type RunEvent = z.infer<typeof runEvent>;

/** A set that training has seen as outliers. */
export const barredSet = z.strictObject({
  datasetId: id,
  name: z.string(),
  images: count,
  /** The model that was trained on it: this one, or an ancestor. */
  modelId: id,
});

export const modelSummary = z.strictObject({
  id,
  name,
  parentId: id.nullable(),
  datasetId: id.nullable(),
  role: z.enum(['before', 'control', 'sparse', 'batch-norm', 'other']),
  preset: z.string(),
  network: z.string(),
  objective: z.string(),
  lambda: z.number(),
  seed,
  classes: z.array(z.string()),
  inputSize: count,
  parameters: count,
  multiplyAdds: count,
  sizeBytes: count,
  weightsSha256: z.string(),
  epochs: z.array(epochRecord),
  config: trainingConfig,
  /** Sets that no evaluation of it may use; none when absent. */
  barred: z.array(barredSet).optional(),
  wallSeconds: z.number(),
  stopReason: z.string(),
  tier: z.string(),
  createdAt: time,
  /** Datasets it has been scored on, with their present images. */
  scoredDatasetIds: z.array(id),
  removedAt: time.nullable(),
});
export type ModelSummary = z.infer<typeof modelSummary>;

const run = z.strictObject({ runId: id });
const model = z.strictObject({ modelId: id });

export const trainingMethods = {
  'training.options': call(nothing, trainingOptions),
  'training.estimate': call(trainingRequest, trainingEstimate),
  /** Runs a few steps to learn this machine's speed for the request. */
  'training.measure': job(trainingRequest, jobEvent, trainingEstimate),
  /** The same images before and after augmentation: RGB, `[images, size, size, 3]` and `[images, views, size, size, 3]`. */
  'training.previewAugmentation': call(
    z.strictObject({
      datasetId: id,
      decode: decodeSpec,
      augmentation,
      seed,
      images: z.int().min(1).max(12),
      views: z.int().min(1).max(12),
    }),
    z.strictObject({ size: count, originals: bytes, views: bytes }),
  ),
  /** Puts the runs at the end of the queue. */
  'runs.start': call(trainingRequest, z.array(runSummary)),
  'runs.list': call(nothing, z.array(runSummary)),
  /** Replays the run's events from the first, then follows it to its end. */
  'runs.watch': job(run, runEvent, runSummary),
  /** After the step under way, with a checkpoint. */
  'runs.pause': call(run, runSummary),
  /** Paused, cancelled, failed and interrupted runs go on from their newest checkpoint. */
  'runs.resume': call(run, runSummary),
  'runs.cancel': call(run, runSummary),
  /** Ends now and makes a model of the best epoch so far. */
  'runs.stopAndKeepBest': call(run, runSummary),
  'runs.move': call(z.strictObject({ runId: id, position: count }), z.array(runSummary)),
  'runs.remove': call(run, done),
  /** Removed ones too, at the end: they can be restored. */
  'models.list': call(nothing, z.array(modelSummary)),
  'models.rename': call(z.strictObject({ modelId: id, name }), modelSummary),
  'models.export': job(
    z.strictObject({ modelId: id, grantId: id, format: z.enum(['tfjs', 'safetensors']) }),
    jobEvent,
    z.strictObject({ displayPath: z.string() }),
  ),
  'models.import': job(
    z.strictObject({
      /** A folder that was exported as `safetensors`, or a safetensors file of PyTorch weights. */
      grantId: id,
      datasetId: id,
      name: name.optional(),
      /** Of a file; what is not given is guessed, and a warning says so. */
      weights: z
        .strictObject({
          network: z.string().max(64).optional(),
          decode: decodeSpec.optional(),
          mean: z.tuple([z.number(), z.number(), z.number()]).optional(),
          std: z.tuple([z.number(), z.number(), z.number()]).optional(),
        })
        .optional(),
    }),
    jobEvent,
    modelSummary,
  ),
  /** A child that differs in its batch-norm statistics alone, estimated again on the training images: a control. */
  'models.reestimate': job(model, jobEvent, modelSummary),
  /** To the workspace's bin; `restore` brings it back. */
  'models.remove': call(model, done),
  'models.restore': call(model, modelSummary),
};
