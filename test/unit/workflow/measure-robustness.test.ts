/** The robustness job on real images and a small network with random weights. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import { readRows } from '../../../src/core/decode/pixel-block.ts';
import { loadModel } from '../../../src/core/model/model-file.ts';
import { Random } from '../../../src/core/random.ts';
import { corrupt } from '../../../src/core/robustness/corruptions.ts';
import { loadRobustness } from '../../../src/core/robustness/stored.ts';
import { openWorkspace, type Workspace } from '../../../src/core/store/workspace.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import { loadImages, usableImages } from '../../../src/core/workflow/images.ts';
import { measureRobustness, ROBUSTNESS_DEFAULTS } from '../../../src/core/workflow/measure-robustness.ts'; // prettier-ignore
import { scoringSession } from '../../../src/core/workflow/score-model.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../../support/image-folders.ts'; // prettier-ignore
import { addRandomModel } from '../../support/random-model.ts';
import { wasmRuntime } from '../../support/runtimes.ts';

const root = temporaryFolder();
const SIZE = 16;
const CLASSES = ['dark', 'light'];
let workspace: Workspace;
let runtime: Runtime;
let datasetId = '';
let modelId = '';
beforeAll(async () => {
  runtime = await wasmRuntime();
  await writeClassFolders(path.join(root, 'greys'), { dark: 40, light: 180 }, 60);
  await writeFlatFolder(path.join(root, 'others'), 4, 90);
  workspace = openWorkspace(path.join(root, 'workspace'));
  const manifest = await scanFolder(path.join(root, 'greys'), { role: 'id', splitSeed: 1 });
  datasetId = workspace.registerDataset(manifest).id;
  modelId = await addRandomModel(workspace, { classes: CLASSES, size: SIZE });
});
afterAll(() => workspace.close());
const request = () => ({ ...ROBUSTNESS_DEFAULTS, modelIds: [modelId], datasetId });

describe('measuring robustness', () => {
  it('tells every corruption at every severity, by the definitions', async () => {
    const values: number[] = [];
    const [result] = await measureRobustness(workspace, runtime, request(), {
      onProgress: ({ value }) => values.push(value),
    });
    const manifest = workspace.loadManifest(datasetId);
    const test = usableImages(manifest, 'test');
    expect(result!.images).toBe(test.length);
    expect(result!.cells).toHaveLength(25);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.at(-1)).toBe(1);

    // One cell by hand: each image on its own, E = -log Σ exp.
    const model = await loadModel(workspace.getModel(modelId).folder);
    const session = scoringSession(runtime, model);
    const energiesOf = async (images: readonly Uint8Array[]) => {
      const answers = [];
      for (const image of images) {
        const { logits } = await session.forward(image, 1);
        answers.push({
          energy: -Math.log(logits.reduce((sum, f) => sum + Math.exp(f), 0)),
          predicted: logits[0]! >= logits[1]! ? 0 : 1,
        });
      }
      return answers;
    };
    const pixelsOf = async (split: 'val' | 'test') => {
      const { block } = await loadImages(manifest, usableImages(manifest, split), model.info.decode, {}); // prettier-ignore
      return Promise.all(Array.from({ length: block.count }, (_, row) => readRows(block, [row])));
    };
    const val = (await energiesOf(await pixelsOf('val'))).map(({ energy }) => -energy);
    const threshold = val.sort((a, b) => b - a)[Math.ceil(0.95 * val.length) - 1]!;
    expect(result!.threshold).toBeCloseTo(threshold, 4);
    expect(result!.thresholdImages).toBe(val.length);
    const blurred = await Promise.all(
      (await pixelsOf('test')).map((rgb) => corrupt(rgb, SIZE, 'gaussian-blur', 3, new Random(1))),
    );
    const answers = await energiesOf(blurred);
    session.dispose();
    const cell = result!.cells.find(({ corruption, severity }) => corruption === 'gaussian-blur' && severity === 3)!; // prettier-ignore
    const n = answers.length;
    expect(cell.meanEnergy).toBeCloseTo(answers.reduce((sum, { energy }) => sum + energy, 0) / n, 4); // prettier-ignore
    const right = answers.filter(({ predicted }, i) => predicted === test[i]!.classIndex).length;
    expect(cell.accuracy).toBeCloseTo(right / n, 9);
  });

  it('is found again for the same weights and images, and not measured twice', async () => {
    const kept = (await loadRobustness(workspace, modelId, datasetId))!;
    const phases: string[] = [];
    const [again] = await measureRobustness(workspace, runtime, request(), {
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(again).toEqual(kept);
    expect(phases).toEqual([]);
    const other = await addRandomModel(workspace, { classes: CLASSES, size: SIZE, seed: 2 });
    expect(await loadRobustness(workspace, other, datasetId)).toBeNull();
  });

  it('is not that of images that were excluded or relabelled since', async () => {
    const manifest = workspace.loadRegistered(datasetId);
    const ordinal = manifest.images.findIndex(({ split }) => split === 'test');
    const { path: file, sha256 } = manifest.images[ordinal]!;
    const targets = [{ datasetId, paths: [file], sha256s: [sha256], ordinals: Uint32Array.of(ordinal) }]; // prettier-ignore
    workspace.curation.apply({ action: { type: 'exclude' }, targets, author: 'Ada', reason: '' });
    expect(await loadRobustness(workspace, modelId, datasetId)).toBeNull();
    workspace.curation.undo('Ada');
    expect(await loadRobustness(workspace, modelId, datasetId)).not.toBeNull();
  });

  it('takes a seeded sample, and the severities and corruptions that are asked for', async () => {
    const asked = { ...request(), images: 7, severities: [5 as const], corruptions: ['brightness' as const] }; // prettier-ignore
    const [a] = await measureRobustness(workspace, runtime, asked, {});
    expect(a!.images).toBe(7);
    expect(a!.cells.map(({ corruption, severity }) => [corruption, severity])).toEqual([['brightness', 5]]); // prettier-ignore
    const [b] = await measureRobustness(workspace, runtime, { ...asked, seed: 2 }, {});
    expect(b!.clean.meanEnergy).not.toBe(a!.clean.meanEnergy);
  });

  it('cancelled, nothing is stored', async () => {
    const fresh = await addRandomModel(workspace, { classes: CLASSES, size: SIZE, seed: 3 });
    const abort = new AbortController();
    const run = measureRobustness(
      workspace,
      runtime,
      { ...request(), modelIds: [fresh] },
      { signal: abort.signal, onProgress: ({ phase }) => phase.startsWith('gaussian-blur') && abort.abort() }, // prettier-ignore
    );
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await loadRobustness(workspace, fresh, datasetId)).toBeNull();
  });

  it('says what is missing where there is nothing to corrupt', async () => {
    const ood = workspace.registerDataset(await scanFolder(path.join(root, 'others'), { role: 'ood' })).id; // prettier-ignore
    await expect(
      measureRobustness(workspace, runtime, { ...request(), datasetId: ood }, {}),
    ).rejects.toThrow(/others has no test images to corrupt\. Choose an in-distribution dataset/);
  });
});
