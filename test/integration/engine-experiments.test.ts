/** Experiments, leakage and the batch-norm control through the contract: a real engine, a tiny network, real steps. */
import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ExperimentRequest, ExperimentSummary } from '../../src/contract/experiments.ts';
import type { HostContract } from '../../src/contract/methods.ts';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { registerDataset } from '../../src/core/workflow/register-dataset.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Client } from '../../src/rpc/client.ts';
import { engineIn, registerNoise } from '../support/engine.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';

type EngineClient = Client<HostContract>;
/** A machine that is busy with other tests takes ten times as long as an idle one. */
const LONG_MS = 600_000;

const opened: { shutdown(): Promise<void> }[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.shutdown();
});

async function registerFar(engine: Engine): Promise<string> {
  const root = path.join(temporaryFolder(), 'far');
  await writeFlatFolder(root, 24, 60);
  return engine.context.workspace.registerDataset(await scanFolder(root, { role: 'ood' })).id;
}

const request = (datasetId: string, ood: string, epochs: number): ExperimentRequest => ({
  start: {
    kind: 'pretrain',
    datasetId,
    network: 'wrn-10-1',
    dropout: 0,
    decode: { size: 12, resize: 'stretch' },
    config: { ...PRESETS.quick.pretrain, epochs, batchSize: 8 } as never,
  },
  preset: 'quick',
  finetune: { ...PRESETS.quick.finetune, epochs: 1, batchSize: 8 } as never,
  seeds: [1, 2],
  oodDatasetIds: [ood],
});

const untilState = (
  client: EngineClient,
  experimentId: string,
  state: ExperimentSummary['state'],
) =>
  vi.waitFor(
    async () => {
      const got = await client.call('experiments.get', { experimentId });
      expect(got.summary.state).toBe(state);
      return got;
    },
    { timeout: LONG_MS, interval: 100 },
  );

describe('an experiment', () => {
  it(
    'trains through the queue and ends with one row of numbers',
    async () => {
      const { engine, client } = engineIn();
      opened.push(engine);
      const [datasetId, ood] = [await registerNoise(engine), await registerFar(engine)];
      const started = await client.call('experiments.start', request(datasetId, ood, 1));
      expect(started.steps).toHaveLength(8);
      const { summary, result } = await untilState(client, started.id, 'succeeded');
      expect(summary.steps.every(({ modelId }) => modelId !== null)).toBe(true);
      expect(summary.headline!.arms.map(({ arm }) => arm)).toEqual(['before', 'control', 'batch-norm', 'tuned']); // prettier-ignore
      expect(result!.arms[0]!.models.map(({ seed }) => seed)).toEqual([1, 2]);
      const runs = await client.call('runs.list', {});
      expect(runs.map(({ groupId, state }) => [groupId, state])).toEqual(
        Array.from({ length: 6 }, () => [started.id, 'succeeded']),
      );
      const models = await client.call('models.list', {});
      expect(models.filter(({ role }) => role === 'batch-norm')).toHaveLength(2);
      await expect(client.call('experiments.resume', { experimentId: started.id })).rejects.toThrow(/is done|done cannot/u); // prettier-ignore
      await client.call('experiments.remove', { experimentId: started.id });
      expect(await client.call('experiments.list', {})).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'waits while the engine is closed, goes on at the next start, and can be cancelled with its run',
    async () => {
      const first = engineIn();
      const [datasetId, ood] = [await registerNoise(first.engine), await registerFar(first.engine)];
      const started = await first.client.call('experiments.start', request(datasetId, ood, 1000));
      const runOf = async (client: EngineClient) => (await client.call('runs.list', {}))[0];
      await vi.waitFor(async () => expect((await runOf(first.client))?.state).toBe('running'), { timeout: LONG_MS }); // prettier-ignore
      await first.engine.shutdown();

      const second = engineIn(first.workspace);
      opened.push(second.engine);
      await vi.waitFor(async () => expect((await runOf(second.client))?.state).toBe('running'), { timeout: LONG_MS }); // prettier-ignore
      expect((await second.client.call('experiments.list', {}))[0]!.state).toBe('running');
      const cancelled = await second.client.call('experiments.cancel', {
        experimentId: started.id,
      });
      expect([cancelled.state, cancelled.error]).toEqual(['cancelled', null]);
      expect((await runOf(second.client))!.state).toBe('cancelled');
      // One run was made, and no further one.
      expect(await second.client.call('runs.list', {})).toHaveLength(1);
    },
    LONG_MS,
  );

  it('refuses sets that are not out-of-distribution, and the same seed twice', async () => {
    const { engine, client } = engineIn();
    opened.push(engine);
    const [datasetId, ood] = [await registerNoise(engine), await registerFar(engine)];
    const good = request(datasetId, ood, 1);
    await expect(client.call('experiments.start', { ...good, oodDatasetIds: [datasetId] })).rejects.toThrow(/in-distribution/u); // prettier-ignore
    await expect(client.call('experiments.start', { ...good, seeds: [1, 1] })).rejects.toThrow(/given twice/u); // prettier-ignore
    expect(await client.call('experiments.list', {})).toEqual([]);
  });
});

describe('leakage', () => {
  it('is excluded on the side of the OOD set, from either set’s screen', async () => {
    const { engine, client } = engineIn();
    opened.push(engine);
    const root = temporaryFolder();
    const [fruit, odd] = [path.join(root, 'fruit'), path.join(root, 'odd')];
    await writeClassFolders(fruit, { apple: 40, pear: 170 }, 8);
    await writeFlatFolder(odd, 4, 90);
    const [name] = readdirSync(path.join(fruit, 'apple'));
    copyFileSync(path.join(fruit, 'apple', name!), path.join(odd, 'copy.png'));
    const { workspace } = engine.context;
    const register = async (folder: string, role: 'id' | 'ood') =>
      (await registerDataset(workspace, folder, { role, appVersion: '0' } as never)).id;
    const [id, ood] = [await register(fruit, 'id'), await register(odd, 'ood')];
    expect(await client.call('datasets.excludeLeaks', { datasetId: ood, which: 'exact' })).toEqual({ images: 1 }); // prettier-ignore
    expect(await client.call('datasets.excludeLeaks', { datasetId: id, which: 'exact' })).toEqual({ images: 0 }); // prettier-ignore
    const cards = await client.call('datasets.list', {});
    expect(cards.map((card) => [card.name, card.excluded])).toEqual([['fruit', 0], ['odd', 1]]); // prettier-ignore
    const { entries } = await client.call('curation.log', { offset: 0, limit: 10 });
    expect(entries[0]!.reason).toMatch(/^leakage: same image as .*copy\.png = fruit\/apple\//u);
  });
});
