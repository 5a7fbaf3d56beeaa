/** From scoring to all detectors side by side, as a window asks for it, with a small real network. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WindowContract } from '../../src/contract/methods.ts';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Client } from '../../src/rpc/client.ts';
import { engineClient } from '../support/engine-client.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { addRandomModel } from '../support/random-model.ts';

const root = temporaryFolder();
let engine: Engine;
let client: Client<WindowContract>;
let modelId = '';
let idDatasetId = '';
let oodId = '';

beforeAll(async () => {
  await writeClassFolders(path.join(root, 'pets'), { cat: 40, dog: 160 }, 50);
  await writeFlatFolder(path.join(root, 'others'), 1, 90);
  const workspace = openWorkspace(path.join(root, 'workspace'));
  idDatasetId = workspace.registerDataset(await scanFolder(path.join(root, 'pets'))).id;
  oodId = workspace.registerDataset(await scanFolder(path.join(root, 'others'))).id;
  modelId = await addRandomModel(workspace, { classes: ['cat', 'dog'], datasetId: idDatasetId });
  workspace.close();
  ({ engine, client } = engineClient(path.join(root, 'workspace')));
});
afterAll(() => engine.shutdown());

it('scores what was missing, then tells every detector, one OOD image and all', async () => {
  const images = { modelId, idDatasetId, split: 'test' as const, oodDatasetIds: [oodId] };
  const datasetIds = [idDatasetId, oodId];
  await client.job('scores.compute', { modelIds: [modelId], datasetIds });
  const before = await client.job('scores.sideBySide', images);
  const missing = before.rows.filter((row) => row.missing !== null);
  expect(missing.map(({ id }) => id)).toEqual(['odin', 'mahalanobis-stages']);

  const extras = missing.map((row) => row.missing!);
  await client.job('scores.compute', { modelIds: [modelId], datasetIds, extras });
  const { rows } = await client.job('scores.sideBySide', images);
  const detectors = await client.call('detectors.list', {});
  expect(rows.map(({ id }) => id)).toEqual(detectors.map(({ id }) => id));
  for (const row of rows) {
    expect(row.unavailable).toBeNull();
    // With one OOD image a rate is all or nothing.
    expect([0, 1]).toContain(row.metrics[0]!.fpr95);
    expect(row.notes.join(' ')).toContain('one image');
  }

  // The same image in its own place, under every detector.
  const scope = { ...images, detector: 'energy' };
  const own = await client.call('images.detectors', { scope, ref: { datasetId: oodId, ordinal: 0 } }); // prettier-ignore
  expect(own.map(({ id, unavailable }) => [id, unavailable])).toEqual(
    detectors.map(({ id }) => [id, null]),
  );
  expect(own.every(({ rank, of }) => rank === 0 && of === 1)).toBe(true);
});
