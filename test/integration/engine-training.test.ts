/** The queue of training runs through the contract: a real engine, a tiny network, real steps. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RunEvent, RunSummary, TrainingRequest } from '../../src/contract/training.ts';
import type { HostContract } from '../../src/contract/methods.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import type { Client } from '../../src/rpc/client.ts';
import { engineIn, registerNoise } from '../support/engine.ts';

type EngineClient = Client<HostContract>;

const opened: { shutdown(): Promise<void> }[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.shutdown();
});

async function setUp(perClass?: number) {
  const { engine, client, workspace } = engineIn();
  opened.push(engine);
  return { engine, client, workspace, datasetId: await registerNoise(engine, perClass) };
}

const pretrain = (datasetId: string, change: Partial<TrainingRequest['config']> = {}) =>
  ({
    kind: 'pretrain',
    datasetId,
    network: 'wrn-10-1',
    dropout: 0,
    decode: { size: 12, resize: 'stretch' },
    preset: 'quick',
    config: { ...PRESETS.quick.pretrain, epochs: 2, batchSize: 8, ...change } as TrainingRequest['config'], // prettier-ignore
    seeds: [1],
  }) as const;
/** More epochs than a test waits for. */
const LONG = 1000;

/** Watches until an event passes. */
function until(client: EngineClient, runId: string, wanted: (event: RunEvent) => boolean) {
  const stop = new AbortController();
  return client
    .job(
      'runs.watch',
      { runId },
      {
        signal: stop.signal,
        onEvent: (event) => {
          if (wanted(event)) stop.abort();
        },
      },
    )
    .catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
}
const ofState =
  (state: RunSummary['state']) =>
  (event: RunEvent): boolean =>
    event.type === 'state' && event.run.state === state;

describe('a run', () => {
  it('trains to a model, tells its story live, and tells the same story again afterwards', async () => {
    const { client, datasetId } = await setUp();
    const [run] = await client.call('runs.start', pretrain(datasetId));
    const live: RunEvent[] = [];
    const end = await client.job('runs.watch', { runId: run!.id }, { onEvent: (event) => live.push(event) }); // prettier-ignore
    expect(end).toMatchObject({ state: 'succeeded', purpose: 'pretrain', error: null });
    expect(end.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    // Three classes of 24, less the seeded validation and test images, in batches of 8.
    expect(end.step).toBe(end.steps);

    const again: RunEvent[] = [];
    await client.job('runs.watch', { runId: run!.id }, { onEvent: (event) => again.push(event) });
    const epochs = (events: RunEvent[]) => events.filter(({ type }) => type === 'epoch');
    expect(epochs(again)).toEqual(epochs(live));
    expect(again.filter(({ type }) => type === 'log')).not.toEqual([]);

    const models = await client.call('models.list', {});
    expect(models.map(({ id }) => id)).toEqual([end.modelId]);
    const estimate = await client.call('training.estimate', pretrain(datasetId));
    expect(estimate.basis).toBe('measured-here');
    expect(estimate.seconds).toBeGreaterThan(0);

    // Removed, it stays in the list as such, so that it can be brought back later too.
    const modelId = end.modelId!;
    await client.call('models.remove', { modelId });
    const [removed] = await client.call('models.list', {});
    expect(removed?.id).toBe(modelId);
    expect(removed?.removedAt).not.toBeNull();
    await client.call('models.restore', { modelId });
    expect(await client.call('models.list', {})).toMatchObject([{ id: modelId, removedAt: null }]);
  });

  it('pauses with a checkpoint, resumes from it and ends', async () => {
    const { client, datasetId } = await setUp();
    const [run] = await client.call('runs.start', pretrain(datasetId, { epochs: 6 }));
    const runId = run!.id;
    await until(client, runId, ({ type }) => type === 'epoch');
    const paused = await client.call('runs.pause', { runId });
    expect(paused.state).toBe('paused');
    expect(paused.step).toBeLessThan(paused.steps);
    const logs: string[] = [];
    await client.call('runs.resume', { runId });
    const end = await client.job(
      'runs.watch',
      { runId },
      {
        onEvent: (event) => {
          if (event.type === 'log') logs.push(event.text);
        },
      },
    );
    expect(end.state).toBe('succeeded');
    expect(end.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(logs.join('\n')).toContain(`Going on from step ${paused.step} `);
  });

  it('is cancelled, frees the device for the next one, and can still be resumed', async () => {
    const { client, datasetId } = await setUp();
    const [first] = await client.call('runs.start', pretrain(datasetId, { epochs: LONG }));
    const [second] = await client.call('runs.start', pretrain(datasetId, { epochs: LONG }));
    await until(client, first!.id, ({ type }) => type === 'step');
    expect(await client.call('runs.cancel', { runId: first!.id })).toMatchObject({
      state: 'cancelled',
      error: null,
    });
    await until(client, second!.id, ({ type }) => type === 'step');
    await client.call('runs.cancel', { runId: second!.id });
    await client.call('runs.resume', { runId: first!.id });
    await until(client, first!.id, ofState('running'));
    await client.call('runs.cancel', { runId: first!.id });
  });

  it('stopped by hand becomes a model of the best epoch so far', async () => {
    const { client, datasetId } = await setUp();
    const [run] = await client.call('runs.start', pretrain(datasetId, { epochs: LONG }));
    const runId = run!.id;
    await until(client, runId, ({ type }) => type === 'epoch');
    const end = await client.call('runs.stopAndKeepBest', { runId });
    expect(end.state).toBe('succeeded');
    const [model] = await client.call('models.list', {});
    expect(model).toMatchObject({ id: end.modelId, stopReason: 'stopped by hand' });
  });

  it('stopped by hand while it is paused becomes a model too', async () => {
    const { client, datasetId } = await setUp();
    const [run] = await client.call('runs.start', pretrain(datasetId, { epochs: LONG }));
    const runId = run!.id;
    await until(client, runId, ({ type }) => type === 'epoch');
    await client.call('runs.pause', { runId });
    await client.call('runs.stopAndKeepBest', { runId });
    const end = await client.job('runs.watch', { runId }, {});
    expect(end.state).toBe('succeeded');
  });
});

describe('the queue', () => {
  it('holds several seeds in order, can be reordered, and lets go of what is removed', async () => {
    const { client, datasetId } = await setUp();
    const [busy] = await client.call('runs.start', pretrain(datasetId, { epochs: LONG }));
    const runs = await client.call('runs.start', { ...pretrain(datasetId), seeds: [4, 5, 6] });
    expect(runs.map(({ config, queuePosition }) => [config.seed, queuePosition])).toEqual([
      [4, 0],
      [5, 1],
      [6, 2],
    ]);
    expect(new Set(runs.map(({ groupId }) => groupId)).size).toBe(1);
    const order = async () =>
      (await client.call('runs.list', {}))
        .filter(({ queuePosition }) => queuePosition !== null)
        .sort((a, b) => a.queuePosition! - b.queuePosition!)
        .map(({ config }) => config.seed);
    await client.call('runs.move', { runId: runs[2]!.id, position: 0 });
    expect(await order()).toEqual([6, 4, 5]);
    await client.call('runs.remove', { runId: runs[0]!.id });
    expect(await order()).toEqual([6, 5]);
    await expect(client.call('runs.remove', { runId: busy!.id })).rejects.toMatchObject({ code: 'usage' }); // prettier-ignore
    await client.call('runs.pause', { runId: runs[1]!.id });
    expect(await order()).toEqual([6]);
    await client.call('runs.resume', { runId: runs[1]!.id });
    expect(await order()).toEqual([5, 6]);
  });

  it('goes on after the engine was shut down and started again', async () => {
    const { engine, client, workspace, datasetId } = await setUp();
    const [first] = await client.call('runs.start', pretrain(datasetId, { epochs: 4 }));
    const [second] = await client.call('runs.start', pretrain(datasetId));
    await until(client, first!.id, ({ type }) => type === 'epoch');
    await engine.shutdown();

    const next = engineIn(workspace);
    opened.push(next.engine);
    for (const run of [first!, second!]) {
      const end = await next.client.job('runs.watch', { runId: run.id }, {});
      expect(end.state).toBe('succeeded');
    }
    const ends = await next.client.call('runs.list', {});
    expect(ends[0]!.endedAt! <= ends[1]!.startedAt!).toBe(true);
  });

  it('trains the λ = 0 control beside a sparsity run, from the same start', async () => {
    const { client, datasetId } = await setUp();
    const [run] = await client.call('runs.start', pretrain(datasetId));
    const before = await client.job('runs.watch', { runId: run!.id }, {});
    const runs = await client.call('runs.start', {
      kind: 'finetune',
      parentId: before.modelId!,
      withControl: true,
      preset: 'quick',
      config: { ...PRESETS.quick.finetune, epochs: 1, batchSize: 8 },
      seeds: [7],
    });
    expect(runs.map(({ purpose, config }) => [purpose, config.lambda, config.seed])).toEqual([
      ['control', 0, 7],
      ['sparse', 0.02, 7],
    ]);
    for (const { id } of runs) await client.job('runs.watch', { runId: id }, {});
    const models = await client.call('models.list', {});
    expect(models.map(({ role, parentId }) => [role, parentId])).toEqual([
      ['before', null],
      ['control', before.modelId],
      ['sparse', before.modelId],
    ]);
  });

  it('shows its runs in the tray, where they can be cancelled', async () => {
    const { client, datasetId } = await setUp();
    const [run] = await client.call('runs.start', pretrain(datasetId, { epochs: LONG }));
    const stop = new AbortController();
    const watching = client.job(
      'jobs.watch',
      {},
      {
        signal: stop.signal,
        onEvent: (jobs) => {
          const job = jobs.find(({ runId }) => runId === run!.id);
          if (job?.state === 'running' && job.progress) void client.call('jobs.cancel', { jobId: job.id }); // prettier-ignore
          if (job?.state === 'cancelled') stop.abort();
        },
      },
    );
    await watching;
    expect((await client.call('runs.list', {}))[0]!.state).toBe('cancelled');
  });
});

describe('before a run', () => {
  it('says why it cannot start', async () => {
    const { client, datasetId } = await setUp();
    const request = pretrain(datasetId, { batchSize: 1 });
    const { problems } = await client.call('training.estimate', request);
    expect(problems.join()).toContain('batch size');
    await expect(client.call('runs.start', request)).rejects.toMatchObject({ code: 'usage' });
  });

  it('shows images before and after augmentation', async () => {
    const { client, datasetId } = await setUp();
    const preview = await client.call('training.previewAugmentation', {
      datasetId,
      decode: { size: 16, resize: 'stretch' },
      augmentation: { cropPadding: 0, flip: true },
      seed: 1,
      images: 2,
      views: 8,
    });
    const image = 16 * 16 * 3;
    expect(preview.originals.length).toBe(2 * image);
    expect(preview.views.length).toBe(2 * 8 * image);
    // Flips only: every view is its original or the original mirrored, and both occur.
    const mirrored = (pixels: Uint8Array) =>
      pixels.map((_, i) => {
        const [y, x, c] = [Math.floor(i / 48), Math.floor(i / 3) % 16, i % 3];
        return pixels[y * 48 + (15 - x) * 3 + c]!;
      });
    const seen = new Set<string>();
    for (let i = 0; i < 16; i++) {
      const original = preview.originals.slice((i >> 3) * image, ((i >> 3) + 1) * image);
      const view = preview.views.slice(i * image, (i + 1) * image);
      if (Buffer.compare(view, original) === 0) seen.add('as it was');
      else if (Buffer.compare(view, mirrored(original)) === 0) seen.add('mirrored');
      else seen.add('something else');
    }
    expect([...seen].sort()).toEqual(['as it was', 'mirrored']);
  });

  it('measures the speed of this machine when asked to', async () => {
    const { client, datasetId } = await setUp();
    const request = pretrain(datasetId);
    expect((await client.call('training.estimate', request)).basis).toBe('unknown');
    const measured = await client.job('training.measure', request, {});
    expect(measured.basis).toBe('measured-here');
    expect(measured.imagesPerSecond).toBeGreaterThan(0);
  });
});
