/** `images.explain` as a window calls it, and maps as bytes and colours. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEAT_COLOURS, heatBytes, heatColour, signedBytes } from '../../../src/core/explain/heat-picture.ts'; // prettier-ignore
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

describe('pictures', () => {
  it('bytes are relative to the strongest place', () => {
    expect([...heatBytes(Float32Array.of(0, 1, 2))]).toEqual([0, 128, 255]);
    expect([...heatBytes(Float32Array.of(0, 0))]).toEqual([0, 0]);
    expect([...signedBytes(Float32Array.of(-2, 0, 1))]).toEqual([1, 128, 192]);
  });

  it('colours begin and end with those of the scale, and lie between their neighbours', () => {
    const hex = (t: number): string =>
      `#${Buffer.from(heatColour(t).map(Math.round)).toString('hex')}`;
    for (const [i, colour] of HEAT_COLOURS.entries())
      expect(hex(i / (HEAT_COLOURS.length - 1))).toBe(colour);
    // Half way between #440154 and #482475.
    expect(heatColour(0.05).map((value) => value.toFixed(1))).toEqual(['70.0', '18.5', '100.5']);
    expect([hex(-1), hex(2)]).toEqual([HEAT_COLOURS[0], HEAT_COLOURS.at(-1)]);
  });
});
