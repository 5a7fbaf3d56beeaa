/** A small network with random weights, stored as a model. */
import { architectureOf } from '../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../src/core/model/initialise.ts';
import { saveModel, type ModelInfo } from '../../src/core/model/model-file.ts';
import type { Workspace } from '../../src/core/store/workspace.ts';
import { PRESETS } from '../../src/core/train/config.ts';

export interface RandomModelOptions {
  readonly classes: readonly string[];
  /** Side of the input in pixels. */
  readonly size?: number;
  readonly seed?: number;
  readonly role?: 'before' | 'control' | 'sparse';
  readonly parentId?: string | null;
  readonly datasetId?: string;
  readonly resize?: ModelInfo['decode']['resize'];
}

/** @returns the model's id */
export async function addRandomModel(
  workspace: Workspace,
  { classes, size = 8, seed = 1, role = 'before', parentId = null, datasetId = 'd', resize = 'stretch' }: RandomModelOptions, // prettier-ignore
): Promise<string> {
  const id = workspace.newId('model');
  const architecture = architectureOf('wrn-10-1', { classes: classes.length, inputSize: size });
  const info = await saveModel(
    workspace.modelFolder(id),
    {
      schema: 'straylight.model/1',
      id,
      name: `random ${seed}`,
      createdAt: '2026-01-02T03:04:05.000Z',
      architecture,
      classes: [...classes],
      decode: { size, resize },
      normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      preset: 'quick',
      config: PRESETS.quick.pretrain as ModelInfo['config'],
      history: [],
      wallSeconds: 0,
      stopReason: 'finished',
      lineage: { parentId, parentWeightsSha256: null, datasetId, datasetFingerprint: '' },
      madeWith: { app: '0', tier: 'wasm', tensorflow: '0' },
    },
    initialiseWeights(architecture, seed),
  );
  workspace.addModel({
    id,
    name: info.name,
    parentId,
    datasetId: null,
    role,
    objective: role === 'sparse' ? 'sparsity' : 'cross-entropy',
    preset: 'quick',
    weightsSha256: info.weightsSha256,
    json: info,
  });
  return id;
}
