/** `images.explain` as a window calls it, and explanations for galleries. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEAT_COLOURS, heatBytes, heatOver, signedBytes } from '../../../src/core/explain/heat-picture.ts'; // prettier-ignore
import { readRows } from '../../../src/core/decode/pixel-block.ts';
import { loadModel } from '../../../src/core/model/model-file.ts';
import { galleryExplanations } from '../../../src/core/workflow/explain-images.ts';
import { loadImages } from '../../../src/core/workflow/images.ts';
import { engineIn, registerNoise } from '../../support/engine.ts';
import { addRandomModel } from '../../support/random-model.ts';

const CLASSES = ['dark', 'grey', 'light'];
const { engine, client } = engineIn();
let datasetId = '';
let modelId = '';
beforeAll(async () => {
  datasetId = await registerNoise(engine, 4);
  modelId = await addRandomModel(engine.context.workspace, { classes: CLASSES, size: 16 });
});
afterAll(() => engine.shutdown());

describe('images.explain', () => {
  it('gives maps of the input’s size, and parts that add up', async () => {
    const ref = { datasetId, ordinal: 2 };
    const answer = await client.call('images.explain', { modelId, ref });
    expect(answer).toMatchObject({ size: 16, side: 4, resize: 'stretch', units: 64 });
    expect(answer.heat).toHaveLength(256);
    expect(answer.signed).toHaveLength(256);
    const { features, bias, entropy } = answer.sums;
    expect(features + bias + entropy).toBeCloseTo(-answer.energy, 4);
    const sizes = answer.features.map(({ adds }) => Math.abs(adds));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(answer.logits.map(({ className }) => className).sort()).toEqual(CLASSES);
    // Both are drawn from one map: what is hot speaks for, and the hottest place is the same.
    const hottest = answer.heat.indexOf(Math.max(...answer.heat));
    expect(answer.heat[hottest]! > 0).toBe(answer.signed[hottest]! > 128);
  });

  it('says the same when asked again, and for another model in between', async () => {
    const other = await addRandomModel(engine.context.workspace, { classes: CLASSES, size: 16, seed: 2 }); // prettier-ignore
    const ask = (id: string) =>
      client.call('images.explain', { modelId: id, ref: { datasetId, ordinal: 5 } });
    const [first, between, again] = await Promise.all([ask(modelId), ask(other), ask(modelId)]);
    expect(again.energy).toBeCloseTo(first.energy, 5);
    expect(Math.abs(between.energy - first.energy)).toBeGreaterThan(1e-3);
  });

  it('says what to do about an image that is gone', async () => {
    const { root } = engine.context.workspace.getDataset(datasetId);
    const [record] = engine.context.workspace.loadRecords(datasetId, [0]);
    rmSync(path.join(root, record!.path));
    await expect(
      client.call('images.explain', { modelId, ref: { datasetId, ordinal: 0 } }),
    ).rejects.toThrow(/cannot be explained: .*Scan noise again/);
    await expect(
      client.call('images.explain', { modelId, ref: { datasetId, ordinal: 99 } }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });
});

it('a gallery’s images are explained as they are one by one', async () => {
  const { workspace } = engine.context;
  const model = await loadModel(workspace.getModel(modelId).folder);
  const records = workspace.loadRecords(datasetId, [1, 2, 3]);
  const { block } = await loadImages(workspace.getDataset(datasetId), records, model.info.decode, {}); // prettier-ignore
  const pixels = await Promise.all([0, 1, 2].map((row) => readRows(block, [row])));
  const runtime = await engine.context.runtime();
  const explained = await galleryExplanations(runtime, model, pixels);
  for (const [i, { saliency, parts, sums }] of explained.entries()) {
    const one = await client.call('images.explain', { modelId, ref: { datasetId, ordinal: i + 1 } }); // prettier-ignore
    expect(saliency).toMatchObject({ width: 16, height: 16 });
    // Rounding to bytes may go either way where batches differ in the last bit.
    for (const [at, value] of saliency.data.entries())
      expect(Math.abs(value - one.heat[at]!)).toBeLessThanOrEqual(1);
    expect(parts.map((part) => part.class)).toEqual(one.logits.map(({ className }) => className));
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(sums.entropy).toBeCloseTo(one.sums.entropy, 4);
  }
  expect(explained).toHaveLength(3);
  expect(await galleryExplanations(runtime, model, [])).toEqual([]);
});

describe('pictures', () => {
  it('bytes are relative to the strongest place', () => {
    expect([...heatBytes(Float32Array.of(0, 1, 2))]).toEqual([0, 128, 255]);
    expect([...heatBytes(Float32Array.of(0, 0))]).toEqual([0, 0]);
    expect([...signedBytes(Float32Array.of(-2, 0, 1))]).toEqual([1, 128, 192]);
  });

  it('a covering map is its colours, an invisible one the picture in grey', () => {
    const rgb = Uint8Array.of(255, 0, 0, 10, 10, 10);
    const heat = Uint8Array.of(0, 255);
    const hex = (at: number, bytes: Uint8Array): string =>
      `#${Buffer.from(bytes.subarray(at * 3, at * 3 + 3)).toString('hex')}`;
    const covering = heatOver(rgb, heat, 1);
    expect([hex(0, covering), hex(1, covering)]).toEqual([HEAT_COLOURS[0], HEAT_COLOURS.at(-1)]);
    // Rec. 601: red has 29.9% of the luma.
    expect([...heatOver(rgb, heat, 0)]).toEqual([76, 76, 76, 10, 10, 10]);
  });
});
