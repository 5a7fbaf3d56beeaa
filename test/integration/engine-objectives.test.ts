/** Objectives with outliers through the contract: what is offered, what it costs, what it bars. */
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { OBJECTIVE_IDS, objectiveNamed } from '../../src/core/train/objectives/registry.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { objectiveId } from '../../src/contract/training.ts';
import { engineIn, registerNoise } from '../support/engine.ts';
import { temporaryFolder, writeFlatFolder } from '../support/image-folders.ts';

const opened: { shutdown(): Promise<void> }[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.shutdown();
});

async function setUp() {
  const { engine, client } = engineIn();
  opened.push(engine);
  const { workspace } = engine.context;
  const ood = async (name: string, count: number, level: number): Promise<string> => {
    const root = path.join(temporaryFolder(), name);
    await writeFlatFolder(root, count, level, level);
    return workspace.registerDataset(await scanFolder(root, { role: 'ood', splitSeed: 1 })).id;
  };
  return {
    client,
    datasetId: await registerNoise(engine),
    outliers: await ood('outliers', 24, 60),
    fresh: await ood('fresh', 20, 150),
    few: await ood('few', 15, 90),
  };
}

describe('objectives', () => {
  it('are the same in the contract and in the core, and are offered with their settings', async () => {
    const { client } = await setUp();
    expect([...objectiveId.options]).toEqual([...OBJECTIVE_IDS]);
    const { objectives } = await client.call('training.options', {});
    expect(objectives.map(({ id }) => id)).toEqual([...OBJECTIVE_IDS]);
    for (const { id, formula, settings } of objectives) {
      expect(formula).toBe(objectiveNamed(id).formula);
      for (const { default: value, least, most } of settings)
        if (value !== null) expect(value >= least && value <= most).toBe(true);
    }
  });

  it('train with outliers, which count in the cost and bar their set from then on', async () => {
    const { client, datasetId, outliers, fresh, few } = await setUp();
    const [pretraining] = await client.call('runs.start', {
      kind: 'pretrain',
      datasetId,
      network: 'cnn',
      dropout: 0,
      decode: { size: 12, resize: 'stretch' },
      preset: 'quick',
      config: { ...PRESETS.quick.pretrain, epochs: 1, batchSize: 8 },
      seeds: [1],
    });
    const { modelId: parentId } = await client.job('runs.watch', { runId: pretraining!.id }, {});
    const request = (set: string, ratio: number) =>
      ({
        kind: 'finetune',
        parentId: parentId!,
        withControl: true,
        preset: 'quick',
        config: {
          ...PRESETS.quick.finetune,
          objective: 'outlier-exposure',
          ...{ lambda: 0, epochs: 1, batchSize: 8 },
          outliers: { datasetId: set, ratio },
        },
        seeds: [1],
      }) as const;
    const { problems } = await client.call('training.estimate', request(few, 1));
    expect(problems[0]).toMatch(/few has 15 images to train on as outliers; at least 16/);
    const estimates = [];
    for (const ratio of [1, 3])
      estimates.push(await client.call('training.estimate', request(outliers, ratio)));
    expect(estimates.map((one) => one.problems)).toEqual([[], []]);
    // Four images go through the network for one instead of two.
    expect(estimates[1]!.seconds! / estimates[0]!.seconds!).toBeGreaterThan(1.5);
    expect(estimates[1]!.memoryBytes).toBeGreaterThan(estimates[0]!.memoryBytes);

    const terms: string[][] = [];
    const runs = await client.call('runs.start', request(outliers, 1));
    expect(
      runs.map(({ purpose, config }) => [purpose, config.settings?.['outlierWeight']]),
    ).toEqual([
      ['control', 0],
      ['other', undefined],
    ]);
    const logged: string[] = [];
    for (const { id } of runs)
      await client.job(
        'runs.watch',
        { runId: id },
        {
          onEvent: (event) => {
            if (event.type === 'step') terms.push(Object.keys(event.terms));
            if (event.type === 'log') logged.push(event.text);
          },
        },
      );
    expect(terms.every((names) => names.join() === 'crossEntropy,outlierExposure')).toBe(true);
    expect(terms.length).toBeGreaterThan(0);
    expect(logged.join('\n')).toMatch(/Outliers: 24 images of outliers, 8 with every 8 images/);

    const models = await client.call('models.list', {});
    const tuned = models.find(({ role }) => role === 'other')!;
    expect(tuned.barred).toEqual([
      { datasetId: outliers, name: 'outliers', images: 24, modelId: tuned.id },
    ]);
    expect(await client.call('scores.barred', { modelIds: [parentId!, tuned.id] })).toEqual([
      {
        ...{ modelId: tuned.id, datasetId: outliers, reason: 'trained-on' },
        ...{ outlierName: 'outliers', shared: 24, images: 24 },
      },
    ]);
    const sets = [datasetId, outliers, fresh];
    await client.job('scores.compute', { modelIds: [tuned.id], datasetIds: sets }, {});
    const scope = { modelId: tuned.id, idDatasetId: datasetId };
    await expect(
      client.call('scores.overview', { ...scope, oodDatasetIds: [fresh, outliers] }),
    ).rejects.toThrow(/outliers is barred for .*Evaluate on another set/u);
    const { metrics } = await client.call('scores.overview', { ...scope, oodDatasetIds: [fresh] });
    expect(metrics.map(({ name }) => name)).toEqual(['fresh']);
  });
});
