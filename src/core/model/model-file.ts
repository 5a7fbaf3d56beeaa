/** A trained model as files: `weights.safetensors` and `model.json`, written and verified as one folder. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { sha256Hex } from '../sha256.ts';
import { verifyFolder } from '../store/hash-manifest.ts';
import { writeFolderAtomic } from '../store/atomic.ts';
import type { HostTensor } from '../tf/host-tensor.ts';
import { OBJECTIVE_IDS } from '../train/objectives/registry.ts';
import { summariseNetwork, validated } from './architecture.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

const rgb = z.tuple([z.number(), z.number(), z.number()]);

const schedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('constant') }),
  z.object({ kind: z.literal('step'), at: z.array(z.number()), factor: z.number() }),
  z.object({ kind: z.literal('cosine'), final: z.number() }),
  z.object({ kind: z.literal('one-cycle'), warmup: z.number() }),
]);

const trainingConfig = z.object({
  objective: z.enum(OBJECTIVE_IDS),
  lambda: z.number(),
  settings: z.record(z.string(), z.number()).optional(),
  labelSmoothing: z.number().optional(),
  mixup: z.number().optional(),
  outliers: z.object({ datasetId: z.string(), ratio: z.number() }).nullable().optional(),
  epochs: z.number(),
  batchSize: z.number(),
  learningRate: z.number(),
  schedule,
  momentum: z.number(),
  nesterov: z.boolean(),
  weightDecay: z.number(),
  augmentation: z.object({ cropPadding: z.number(), flip: z.boolean() }),
  seed: z.number(),
  keep: z.enum(['last', 'best']),
  precision: z.enum(['fp32', 'bf16']).default('fp32'),
});

const epochRecord = z.object({
  epoch: z.number(),
  learningRate: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  valLoss: z.number(),
  valAccuracy: z.number(),
  featureL1: z.number(),
  meanEnergy: z.number(),
});

const common = { dropout: z.number(), classes: z.number(), inputSize: z.number() };
const architecture = z.discriminatedUnion('family', [
  z.object({
    family: z.literal('wide-resnet'),
    depth: z.number(),
    width: z.number(),
    ...common,
  }),
  z.object({ family: z.literal('resnet-cifar'), depth: z.number(), ...common }),
  z.object({ family: z.literal('resnet-18'), stem: z.enum(['small', 'large']), ...common }),
  z.object({
    family: z.literal('densenet-bc'),
    depth: z.number(),
    growth: z.number(),
    ...common,
  }),
  z.object({ family: z.literal('plain-cnn'), width: z.number(), ...common }),
]);

const barredSet = z.object({
  /** In the workspace it was trained in. */
  datasetId: z.string(),
  name: z.string(),
  /** Of the set when it was trained on. */
  fingerprint: z.string(),
  /** How many of its images were used. */
  images: z.number(),
  /** Hex SHA-256 of the sorted list of the images' own, one a line. */
  imagesSha256: z.string(),
  /** The model that was trained on it: this one, or an ancestor that it is inherited from. */
  modelId: z.string(),
});

/** A set that training has seen as auxiliary outliers, which bars it from evaluation. */
export type BarredSet = Readonly<z.infer<typeof barredSet>>;

const modelInfo = z.object({
  schema: z.literal('straylight.model/1'),
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  architecture,
  /** Class names in the order of the logits. */
  classes: z.array(z.string()),
  decode: z.object({ size: z.number(), resize: z.enum(['stretch', 'center-crop', 'pad']) }),
  normalisation: z.object({ mean: rgb, std: rgb }),
  preset: z.string(),
  config: trainingConfig,
  history: z.array(epochRecord),
  wallSeconds: z.number(),
  stopReason: z.string(),
  lineage: z.object({
    /** The model it was fine-tuned from; null for a pretrained one. */
    parentId: z.string().nullable(),
    parentWeightsSha256: z.string().nullable(),
    datasetId: z.string(),
    datasetFingerprint: z.string(),
    /** Sets seen as auxiliary outliers by it or by an ancestor; see `barred-images.txt`. None when absent. */
    barred: z.array(barredSet).optional(),
  }),
  madeWith: z.object({ app: z.string(), tier: z.string(), tensorflow: z.string() }),
  /** Hex SHA-256 of weights.safetensors. */
  weightsSha256: z.string(),
});

/** Everything about a model except its weights. */
export type ModelInfo = Readonly<z.infer<typeof modelInfo>>;

export interface Model {
  readonly info: ModelInfo;
  readonly weights: ReadonlyMap<string, HostTensor>;
}

/** SHA-256 of every image of the barred sets, hex, one a line; there when there are such sets. */
export const BARRED_IMAGES = 'barred-images.txt';

/**
 * Writes a model folder; either all of it is there afterwards or none.
 * @param barredImages SHA-256 of the images of its barred sets
 * @returns the info with the weights' hash filled in
 */
export async function saveModel(
  folder: string,
  info: Omit<ModelInfo, 'weightsSha256'>,
  weights: ReadonlyMap<string, HostTensor>,
  barredImages: readonly string[] = [],
): Promise<ModelInfo> {
  const bytes = encodeSafetensors(weights, { format: 'straylight', layout: 'HWIO' });
  const complete = modelInfo.parse({ ...info, weightsSha256: sha256Hex(bytes) });
  await writeFolderAtomic(folder, {
    'weights.safetensors': bytes,
    'model.json': `${JSON.stringify(complete, null, 2)}\n`,
    ...(barredImages.length === 0 ? {} : { [BARRED_IMAGES]: `${barredImages.join('\n')}\n` }),
  });
  return complete;
}

/**
 * Reads a model folder and checks hashes, description and that the weights fit the network.
 * @throws AppError `invalid-model`
 */
export async function loadModel(folder: string): Promise<Model> {
  const verified = await verifyFolder(folder);
  if (!verified.ok)
    throw new AppError(
      'invalid-model',
      `The model in ${folder} is damaged: ${verified.reason}. Restore the folder from a backup or train again.`,
    );
  let info: ModelInfo;
  try {
    info = modelInfo.parse(JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8')));
  } catch (error) {
    throw new AppError('invalid-model', `${folder}/model.json cannot be read: ${messageOf(error)}`);
  }
  const bytes = await readFile(path.join(folder, 'weights.safetensors'));
  const { tensors } = decodeSafetensors(bytes, `${folder}/weights.safetensors`);
  for (const { name, shape } of summariseNetwork(validated(info.architecture)).parameters)
    if (tensors.get(name)?.shape.join() !== shape.join())
      throw new AppError(
        'invalid-model',
        `The weights in ${folder} do not fit its network: "${name}" should have the shape [${shape.join(', ')}].`,
      );
  return { info, weights: tensors };
}

/**
 * SHA-256 of every image that training has seen as an auxiliary outlier.
 * @throws AppError `invalid-model` when the list is missing although the model has barred sets
 */
export async function readBarredImages({ lineage }: ModelInfo, folder: string): Promise<string[]> {
  if ((lineage.barred ?? []).length === 0) return [];
  try {
    return (await readFile(path.join(folder, BARRED_IMAGES), 'utf8')).trimEnd().split('\n');
  } catch (error) {
    throw new AppError(
      'invalid-model',
      `${folder}/${BARRED_IMAGES}, which lists the outliers the model was trained on, cannot be read: ${messageOf(error)}. Restore the folder from a backup or train again.`,
    );
  }
}
