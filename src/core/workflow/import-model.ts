/** Takes weights that were trained elsewhere into the workspace. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DecodeSpec } from '../decode/types.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Architecture } from '../model/architecture.ts';
import { saveModel, type ModelInfo } from '../model/model-file.ts';
import { fromPytorch } from '../model/pytorch-weights.ts';
import { decodeSafetensors } from '../model/safetensors.ts';
import type { Workspace } from '../store/workspace.ts';
import { PRESETS } from '../train/config.ts';

type Rgb = readonly [number, number, number];

export interface ImportRequest {
  /** A safetensors file with PyTorch's names and layout. */
  readonly file: string;
  readonly architecture: Architecture;
  /** The ID set whose classes, in their order, are the network's outputs. */
  readonly datasetId: string;
  readonly decode: DecodeSpec;
  /** Of RGB from 0 to 1, as the network was trained with. */
  readonly mean: Rgb;
  readonly std: Rgb;
  readonly name: string;
  readonly appVersion: string;
}

/** @throws AppError `unreadable`, `invalid-model` */
export async function importModel(
  workspace: Workspace,
  request: ImportRequest,
): Promise<ModelInfo> {
  const { file, architecture, datasetId, mean, std } = request;
  const manifest = workspace.loadManifest(datasetId);
  if (manifest.classes.length !== architecture.classes)
    throw new AppError(
      'invalid-model',
      `${manifest.name} has ${manifest.classes.length} classes, the network ${architecture.classes}.`,
    );
  for (const [i, deviation] of std.entries())
    if (!(deviation > 0) || !Number.isFinite(mean[i]))
      throw new AppError(
        'usage',
        'Mean and standard deviation must be numbers, the latter above 0.',
      );
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new AppError('unreadable', `${file} cannot be read: ${messageOf(error)}`);
  }
  const weights = fromPytorch(architecture, decodeSafetensors(bytes, file).tensors);
  const id = workspace.newId('model');
  const info = await saveModel(
    workspace.modelFolder(id),
    {
      schema: 'straylight.model/1',
      id,
      name: request.name,
      createdAt: new Date().toISOString(),
      architecture,
      classes: [...manifest.classes],
      decode: request.decode,
      normalisation: { mean: [...mean], std: [...std] },
      preset: 'imported',
      // How it was trained is not in the file.
      config: { ...PRESETS.paper.pretrain, epochs: 0, learningRate: 0 } as ModelInfo['config'],
      history: [],
      wallSeconds: 0,
      stopReason: `imported from ${path.basename(file)}`,
      lineage: {
        parentId: null,
        parentWeightsSha256: null,
        datasetId,
        datasetFingerprint: manifest.fingerprint,
      },
      madeWith: { app: request.appVersion, tier: 'imported', tensorflow: 'imported' },
    },
    weights,
  );
  workspace.addModel({
    id,
    name: info.name,
    parentId: null,
    datasetId,
    role: 'imported',
    objective: 'cross-entropy',
    preset: 'imported',
    weightsSha256: info.weightsSha256,
    json: info,
  });
  return info;
}
