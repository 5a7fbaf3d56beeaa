/** Takes weights that were trained elsewhere into the workspace. */
import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DecodeSpec } from '../decode/types.ts';
import { AppError, messageOf } from '../errors.ts';
import { ARCHITECTURE_PRESETS, architectureOf, type Architecture, type ArchitecturePreset } from '../model/architecture.ts'; // prettier-ignore
import { loadModel, readBarredImages, saveModel, type ModelInfo } from '../model/model-file.ts';
import { fromPytorch } from '../model/pytorch-weights.ts';
import { decodeSafetensors } from '../model/safetensors.ts';
import { hashManifestName } from '../store/hash-manifest.ts';
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
  addImported(workspace, info, datasetId);
  return info;
}

/**
 * Takes a model that `exportModel` wrote as `safetensors`, with everything that is known of it. Its parent is not in
 * this workspace, so its lineage starts anew.
 * @param datasetId the ID set here with the same classes
 * @throws AppError `invalid-model` when the folder is damaged or the classes are others
 */
export async function importModelFolder(
  workspace: Workspace,
  folder: string,
  datasetId: string,
  name?: string,
): Promise<ModelInfo> {
  for (const file of ['model.json', 'weights.safetensors', hashManifestName])
    if (!lstatSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile())
      throw new AppError(
        'invalid-model',
        `${folder}: there is no file ${file}. Choose a folder that Straylight exported as safetensors.`,
      );
  const { info, weights } = await loadModel(folder);
  const manifest = workspace.loadManifest(datasetId);
  if (manifest.role !== 'id' || manifest.classes.join('\0') !== info.classes.join('\0'))
    throw new AppError(
      'invalid-model',
      `${info.name} knows the classes ${info.classes.join(', ')}; ${manifest.name} has ${manifest.classes.join(', ') || 'none'}. Choose the dataset it was trained on.`,
    );
  const id = workspace.newId('model');
  const imported = await saveModel(
    workspace.modelFolder(id),
    {
      ...info,
      id,
      name: name ?? info.name,
      lineage: {
        parentId: null,
        parentWeightsSha256: info.lineage.parentWeightsSha256,
        datasetId,
        datasetFingerprint: info.lineage.datasetFingerprint,
        // What it was trained on stays barred wherever it goes.
        ...(info.lineage.barred ? { barred: info.lineage.barred } : {}),
      },
    },
    weights,
    await readBarredImages(info, folder),
  );
  addImported(workspace, imported, datasetId);
  return imported;
}

function addImported(workspace: Workspace, info: ModelInfo, datasetId: string): void {
  workspace.addModel({
    id: info.id,
    name: info.name,
    parentId: null,
    datasetId,
    role: 'imported',
    objective: info.config.objective,
    preset: info.preset,
    weightsSha256: info.weightsSha256,
    json: info,
  });
}

/** The networks whose weights a file of PyTorch weights holds, of those there are. */
export async function networksOf(
  file: string,
  classes: number,
): Promise<readonly ArchitecturePreset[]> {
  const { tensors } = decodeSafetensors(await readFile(file), file);
  const presets = Object.keys(ARCHITECTURE_PRESETS) as ArchitecturePreset[];
  return presets.filter((preset) => {
    try {
      // The names and shapes of the weights do not depend on the size of the input.
      fromPytorch(architectureOf(preset, { classes, inputSize: 32 }), tensors);
      return true;
    } catch {
      return false;
    }
  });
}
