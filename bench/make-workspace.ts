/**
 * A workspace of any size for benchmarks: `node bench/make-workspace.ts <folder> [images] [--scan-only]`.
 *
 * Half of the images are an ID set of ten classes, half an OOD set; all are 8 x 8 pixels in two IDX files, so that a
 * million of them are 64 MB and thumbnails can be made of any. They go through the real scan and analysis. A model
 * that is only a name comes with made-up scores of every image.
 */
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { scanFolder } from '../src/core/datasets/scan.ts';
import { architectureOf } from '../src/core/model/architecture.ts';
import { Random } from '../src/core/random.ts';
import { openWorkspace, type Workspace } from '../src/core/store/workspace.ts';
import { PRESETS } from '../src/core/train/config.ts';
import { registerDataset } from '../src/core/workflow/register-dataset.ts';
import { batchOf } from '../src/core/workflow/score-datasets.ts';

const SIDE = 8;
const CLASSES = 10;
const UNITS = 16;
/** Images made, or scored, at a time. */
const BATCH = 10_000;

export interface MadeWorkspace {
  readonly workspace: Workspace;
  readonly idDatasetId: string;
  readonly oodDatasetId: string;
  readonly modelId: string;
}

function idxHeader(magic: number, ...sizes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * sizes.length);
  for (const [i, value] of [magic, ...sizes].entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

/** Smooth pictures: a brightness, two slopes and some noise each. */
function writeImages(file: string, images: number, random: Random): void {
  const handle = openSync(file, 'w');
  writeSync(handle, idxHeader(0x803, images, SIDE, SIDE));
  for (let from = 0; from < images; from += BATCH) {
    const pixels = Buffer.alloc(SIDE * SIDE * Math.min(BATCH, images - from));
    for (let at = 0; at < pixels.length; at += SIDE * SIDE) {
      const level = random.integer(160);
      const [dx, dy] = [random.integer(12) - 3, random.integer(12) - 3];
      for (let i = 0; i < SIDE * SIDE; i++)
        pixels[at + i] = Math.max(0, Math.min(255, level + dx * (i % SIDE) + dy * (i >> 3) + random.integer(60))); // prettier-ignore
    }
    writeSync(handle, pixels);
  }
  closeSync(handle);
}

function writeLabels(file: string, images: number): void {
  const handle = openSync(file, 'w');
  writeSync(handle, idxHeader(0x801, images));
  writeSync(handle, Buffer.from(Uint8Array.from({ length: images }, (_, i) => i % CLASSES)));
  closeSync(handle);
}

/** @param analyse false: scanned and registered, but not measured, which is nine tenths of the time */
export async function makeWorkspace(
  folder: string,
  images: number,
  analyse = true,
): Promise<MadeWorkspace> {
  const random = new Random(1);
  const half = Math.floor(images / 2);
  const roots = {
    id: path.join(folder, 'data', 'things'),
    ood: path.join(folder, 'data', 'others'),
  };
  for (const [role, root] of Object.entries(roots)) {
    mkdirSync(root, { recursive: true });
    const file = path.join(root, 'images-idx3-ubyte');
    if (existsSync(file)) continue;
    writeImages(file, half, random);
    if (role === 'id') writeLabels(path.join(root, 'labels-idx1-ubyte'), half);
  }
  const workspace = openWorkspace(path.join(folder, 'workspace'));
  const register = async (role: 'id' | 'ood'): Promise<string> =>
    analyse
      ? (await registerDataset(workspace, roots[role], { role })).id
      : workspace.registerDataset(await scanFolder(roots[role], { role })).id;
  const idDatasetId = await register('id');
  const oodDatasetId = await register('ood');
  const modelId = addModel(workspace, idDatasetId);
  for (const [datasetId, mean] of [
    [idDatasetId, 12],
    [oodDatasetId, 8],
  ] as const)
    // prettier-ignore
    await addScores(workspace, modelId, datasetId, half, mean, random);
  return { workspace, idDatasetId, oodDatasetId, modelId };
}

function addModel(workspace: Workspace, datasetId: string): string {
  const id = workspace.newId('model');
  mkdirSync(workspace.modelFolder(id), { recursive: true });
  const { summary, fingerprint } = workspace.getDataset(datasetId);
  const weightsSha256 = 'ab'.repeat(32);
  const json = {
    schema: 'straylight.model/1',
    id,
    name: 'made up',
    createdAt: new Date().toISOString(),
    architecture: architectureOf('wrn-10-1', { classes: CLASSES, inputSize: SIDE }),
    classes: summary.classes,
    decode: { size: SIDE, resize: 'stretch' },
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    preset: 'quick',
    config: PRESETS.quick.pretrain,
    history: [],
    wallSeconds: 1,
    stopReason: 'finished',
    lineage: {
      parentId: null,
      parentWeightsSha256: null,
      datasetId,
      datasetFingerprint: fingerprint,
    },
    madeWith: { app: '0', tier: 'cpu', tensorflow: '0' },
    weightsSha256,
  };
  workspace.addModel({ id, name: 'made up', parentId: null, datasetId, role: 'before', objective: 'cross-entropy', preset: 'quick', weightsSha256, json }); // prettier-ignore
  return id;
}

async function addScores(
  workspace: Workspace,
  modelId: string,
  datasetId: string,
  images: number,
  mean: number,
  random: Random,
): Promise<void> {
  const writer = await workspace.newScores(
    { modelId, datasetId },
    { classes: CLASSES, units: UNITS },
  );
  for (let from = 0; from < images; from += BATCH) {
    const count = Math.min(BATCH, images - from);
    const logits = Float32Array.from({ length: count * CLASSES }, () => 3 * random.normal());
    for (let i = 0; i < count; i++)
      logits[i * CLASSES + ((from + i) % CLASSES)] = mean + 2 * random.normal();
    const features = Float32Array.from({ length: count * UNITS }, () =>
      Math.max(0, random.normal()),
    );
    const rows = Uint32Array.from({ length: count }, (_, i) => from + i);
    await writer.append(batchOf(rows, { count, classes: CLASSES, logits, features, featureCount: UNITS })); // prettier-ignore
  }
  const { fingerprint } = workspace.getDataset(datasetId);
  await workspace.saveScores({ modelId, datasetId, fingerprint }, writer);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, images = '100000'] = process.argv
    .slice(2)
    .filter((word) => !word.startsWith('--'));
  if (folder === undefined) throw new Error('Give the folder to make it in.');
  const made = await makeWorkspace(path.resolve(folder), Number(images), !process.argv.includes('--scan-only')); // prettier-ignore
  console.log(`${made.workspace.folder}: model ${made.modelId}, ID ${made.idDatasetId}, OOD ${made.oodDatasetId}`); // prettier-ignore
  made.workspace.close();
  process.exit(0);
}
