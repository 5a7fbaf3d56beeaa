/** A workspace with models whose scores are made up, so that every answer can be worked out by hand. */
import { mkdirSync } from 'node:fs';
import type { ImageRecord, Manifest, Split } from '../../src/core/datasets/types.ts';
import { architectureOf } from '../../src/core/model/architecture.ts';
import type { ModelInfo } from '../../src/core/model/model-file.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { batchOf } from '../../src/core/workflow/score-datasets.ts';
import { openWorkspace, type Workspace } from '../../src/core/store/workspace.ts';

/** One image: what the model says is a score S and a class. */
export interface MadeUpImage {
  readonly path: string;
  readonly split: Split | null;
  /** Index into `CLASSES`; null for OOD. */
  readonly label: number | null;
}

export const CLASSES = ['cat', 'dog'];
/** The logit of the class that is not predicted: it adds nothing to the energy that a double could hold. */
const NOTHING = -100;

export function manifestOf(name: string, images: readonly MadeUpImage[]): Manifest {
  const role = images.some(({ label }) => label !== null) ? 'id' : 'ood';
  return {
    schema: 'straylight.manifest/1',
    name,
    root: `/nowhere/${name}`,
    role,
    format: 'folder',
    classes: role === 'id' ? CLASSES : [],
    images: images.map(({ path, split, label }, i): ImageRecord => ({
      path,
      classIndex: label,
      split,
      bytes: 100,
      width: 8,
      height: 8,
      sha256: Buffer.from(`${name} ${i}`).toString('hex').padEnd(64, '0').slice(0, 64),
      status: 'ok',
      reason: '',
    })),
    symlinksSkipped: 0,
    otherFiles: 0,
    splitSource: role === 'id' ? 'seeded' : 'none',
    splitSeed: 1,
    fingerprint: `f-${name}-${images.length}`,
    scannedAt: '2026-01-02T03:04:05.000Z',
  };
}

/** A model that is there only by name and description. */
export function addModel(
  workspace: Workspace,
  name: string,
  role: 'before' | 'control' | 'sparse',
  options: { parentId?: string | null; datasetId?: string; seed?: number } = {},
): string {
  const { parentId = null, datasetId = 'd-1', seed = 1 } = options;
  const id = workspace.newId('model');
  mkdirSync(workspace.modelFolder(id), { recursive: true });
  const config = role === 'before' ? PRESETS.quick.pretrain : PRESETS.quick.finetune;
  const info: ModelInfo = {
    schema: 'straylight.model/1',
    id,
    name,
    createdAt: '2026-01-02T03:04:05.000Z',
    architecture: architectureOf('wrn-10-1', { classes: CLASSES.length, inputSize: 8 }),
    classes: [...CLASSES],
    decode: { size: 8, resize: 'stretch' },
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    preset: 'quick',
    config: { ...config, seed, lambda: role === 'sparse' ? 0.02 : 0 } as ModelInfo['config'],
    history: [],
    wallSeconds: 1,
    stopReason: 'finished',
    lineage: { parentId, parentWeightsSha256: null, datasetId, datasetFingerprint: 'f' },
    madeWith: { app: '0', tier: 'cpu', tensorflow: '0' },
    weightsSha256: 'cd'.repeat(32),
  };
  workspace.addModel({
    id,
    name,
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

/** Of one image, by ordinal. */
export interface MadeUpScore {
  readonly ordinal: number;
  /** S: minus the energy. */
  readonly score: number;
  readonly predicted: number;
  readonly features: readonly number[];
}

/** Stores scores in the order given, as scoring would. */
export async function saveScores(
  workspace: Workspace,
  modelId: string,
  datasetId: string,
  scores: readonly MadeUpScore[],
): Promise<void> {
  const units = scores[0]!.features.length;
  const classes = CLASSES.length;
  const writer = await workspace.newScores({ modelId, datasetId }, { classes, units });
  const logits = scores.flatMap(({ score, predicted }) =>
    CLASSES.map((_, c) => (c === predicted ? score : NOTHING)),
  );
  await writer.append(
    batchOf(
      Uint32Array.from(scores, ({ ordinal }) => ordinal),
      {
        count: scores.length,
        classes,
        featureCount: units,
        logits: Float32Array.from(logits),
        features: Float32Array.from(scores.flatMap(({ features }) => features)),
      },
    ),
  );
  const { fingerprint } = workspace.getDataset(datasetId);
  await workspace.saveScores({ modelId, datasetId, fingerprint }, writer);
}

export { openWorkspace };
