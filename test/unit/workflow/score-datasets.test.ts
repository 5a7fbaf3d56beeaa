/** Real images through a small network with random weights, into the workspace. */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import { architectureOf } from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { saveModel } from '../../../src/core/model/model-file.ts';
import { matrixBlocks } from '../../../src/core/store/score-matrices.ts';
import { openWorkspace, type Workspace } from '../../../src/core/store/workspace.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import { TfjsRuntime } from '../../../src/core/tf/tfjs/tfjs-runtime.ts';
import { PRESETS } from '../../../src/core/train/config.ts';
import { scoreDatasets } from '../../../src/core/workflow/score-datasets.ts';
import {
  temporaryFolder,
  writeClassFolders,
  writeFlatFolder,
} from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const SIZE = 8;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await TfjsRuntime.load('wasm');
  await writeClassFolders(at('pets'), { cat: 40, dog: 160 }, 10);
  await writeFlatFolder(at('others'), 6, 90);
});

async function newModel(workspace: Workspace): Promise<string> {
  const id = workspace.newId('model');
  const architecture = architectureOf('wrn-10-1', { classes: 2, inputSize: SIZE });
  const info = await saveModel(
    workspace.modelFolder(id),
    {
      schema: 'straylight.model/1',
      id,
      name: 'random',
      createdAt: '2026-01-02T03:04:05.000Z',
      architecture,
      classes: ['cat', 'dog'],
      decode: { size: SIZE, resize: 'stretch' },
      normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      preset: 'quick',
      config: PRESETS.quick.pretrain as Parameters<typeof saveModel>[1]['config'],
      history: [],
      wallSeconds: 0,
      stopReason: 'finished',
      lineage: {
        parentId: null,
        parentWeightsSha256: null,
        datasetId: 'd',
        datasetFingerprint: '',
      },
      madeWith: { app: '0', tier: 'wasm', tensorflow: '0' },
    },
    initialiseWeights(architecture, 1),
  );
  workspace.addModel({
    id,
    name: 'random',
    parentId: null,
    datasetId: null,
    role: 'before',
    objective: 'cross-entropy',
    preset: 'quick',
    weightsSha256: info.weightsSha256,
    json: info,
  });
  return id;
}

describe('scoring datasets', () => {
  it('stores what the network says of every image, features included, and finds it after a restart', async () => {
    const folder = at('workspace');
    let workspace = openWorkspace(folder);
    const pets = workspace.registerDataset(await scanFolder(at('pets'))).id;
    const others = workspace.registerDataset(await scanFolder(at('others'))).id;
    const modelId = await newModel(workspace);
    rmSync(at('others', '3.png'));
    const outcomes = await scoreDatasets(workspace, runtime, modelId, [pets, others], {});
    expect(outcomes).toMatchObject([
      { name: 'pets', scored: 20, failed: 0, excluded: 0, discovered: 20, featuresKept: true },
      { name: 'others', scored: 5, failed: 1, excluded: 0, discovered: 6 },
    ]);
    expect(outcomes[1]!.failures.map((failure) => failure.path)).toEqual(['3.png']);
    workspace.close();

    workspace = openWorkspace(folder);
    const stored = (await workspace.loadScores({ modelId, datasetId: pets }))!;
    // Every image once, whatever split it is in.
    expect([...stored.rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const others5 = (await workspace.loadScores({ modelId, datasetId: others }))!;
    expect([...others5.rows]).toEqual([0, 1, 2, 4, 5]);
    for await (const { from, to, data } of matrixBlocks(stored, 'logits'))
      for (let row = from; row < to; row++) {
        const [a, b] = [data[2 * row]!, data[2 * row + 1]!];
        // E = -log(exp a + exp b), and the class with the larger logit.
        expect(stored.energies[row]).toBeCloseTo(-Math.log(Math.exp(a) + Math.exp(b)), 9);
        expect(stored.predicted[row]).toBe(a >= b ? 0 : 1);
      }
    for await (const { from, to, data } of matrixBlocks(stored, 'features'))
      for (let row = from; row < to; row++) {
        const own = data.slice(row * stored.units, (row + 1) * stored.units);
        expect(stored.l1[row]).toBeCloseTo(own.reduce((sum, value) => sum + Math.abs(value), 0), 4); // prettier-ignore
      }

    // Again: the former files make room for the new ones, and say the same.
    await scoreDatasets(workspace, runtime, modelId, [pets], {});
    const again = (await workspace.loadScores({ modelId, datasetId: pets }))!;
    expect(again.energies).toEqual(stored.energies);
    expect(readdirSync(path.join(workspace.modelFolder(modelId), 'scores'))).toHaveLength(2);
    workspace.close();
  });

  it('leaves earlier scores and no files when it is cancelled or no image is there', async () => {
    using workspace = openWorkspace(at('stopped'));
    const pets = workspace.registerDataset(await scanFolder(at('pets'))).id;
    const modelId = await newModel(workspace);
    await scoreDatasets(workspace, runtime, modelId, [pets], {});
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    await expect(
      scoreDatasets(workspace, runtime, modelId, [pets], { signal: abort.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(workspace.listScores()).toHaveLength(1);
    expect(readdirSync(path.join(workspace.modelFolder(modelId), 'scores'))).toHaveLength(1);

    await writeFlatFolder(at('gone'), 3, 20);
    const gone = workspace.registerDataset(await scanFolder(at('gone'))).id;
    rmSync(at('gone'), { recursive: true });
    await expect(scoreDatasets(workspace, runtime, modelId, [gone], {})).rejects.toThrow(
      /gone: no image could be read/,
    );
    expect(await workspace.loadScores({ modelId, datasetId: gone })).toBeNull();
  });
});
