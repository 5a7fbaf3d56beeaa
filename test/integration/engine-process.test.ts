/** The engine as a process: what is lost when it dies, and that it does not outlive its parent. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/contract/training.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { optionsFor } from '../support/engine.ts';
import { ENGINE_ENTRY, startEngineProcess, type EngineChild } from '../support/engine-process.ts';
import { temporaryFolder, writeClassFolders } from '../support/image-folders.ts';

const newWorkspace = (): string => path.join(temporaryFolder(), 'workspace');

async function startTraining({ client }: EngineChild, epochs: number): Promise<string> {
  const root = path.join(temporaryFolder(), 'noise');
  await writeClassFolders(root, { dark: 20, grey: 110, light: 200 }, 24);
  const { grantId } = await client.call('grants.add', { path: root });
  const { dataset } = await client.job('datasets.register', { grantId, role: 'id' });
  const [run] = await client.call('runs.start', {
    kind: 'pretrain',
    datasetId: dataset.id,
    network: 'wrn-10-1',
    dropout: 0,
    decode: { size: 12, resize: 'stretch' },
    preset: 'quick',
    config: { ...structuredClone(PRESETS.quick.pretrain), epochs, batchSize: 8 },
    seeds: [1],
  });
  return run!.id;
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('killed in the middle of training (kill -9)', () => {
  it('every pending call is rejected; after a restart the run is interrupted and goes on from its checkpoint', async () => {
    const workspace = newWorkspace();
    const first = startEngineProcess(workspace);
    const runId = await startTraining(first, 100_000);
    let checkpoint = 0;
    const watching = first.client
      .job(
        'runs.watch',
        { runId },
        {
          onEvent: (event: RunEvent) => {
            if (event.type === 'checkpoint') checkpoint = event.step;
            // Some way beyond the checkpoint, so that something is lost.
            if (checkpoint > 0 && event.type === 'step' && event.step > checkpoint)
              first.child.kill('SIGKILL');
          },
        },
      )
      .catch((error: unknown) => error);
    const tray = first.client.job('jobs.watch', {}).catch((error: unknown) => error);
    expect(await watching).toMatchObject({ code: 'engine-gone' });
    expect(await tray).toMatchObject({ code: 'engine-gone' });
    expect(await first.exit).toEqual({ code: null, signal: 'SIGKILL' });

    const second = startEngineProcess(workspace);
    const info = await second.client.call('app.info', {});
    expect(info.interruptedRuns).toEqual([runId]);
    const [run] = await second.client.call('runs.list', {});
    expect(run).toMatchObject({ id: runId, state: 'interrupted' });
    expect(run!.step).toBeGreaterThanOrEqual(checkpoint);

    await second.client.call('runs.resume', { runId });
    const logs: string[] = [];
    const stop = new AbortController();
    await second.client
      .job(
        'runs.watch',
        { runId },
        {
          signal: stop.signal,
          onEvent: (event) => {
            if (event.type === 'log') logs.push(event.text);
            if (event.type === 'step' && event.step > run!.step) stop.abort();
          },
        },
      )
      .catch(() => undefined);
    expect(logs.join('\n')).toContain(`Going on from step ${checkpoint} `);
    expect((await second.client.call('app.info', {})).interruptedRuns).toEqual([]);
    await second.client.call('engine.shutdown', {});
    second.child.disconnect();
    expect((await second.exit).code).toBe(0);
  });
});

describe('told to end', () => {
  it.each([
    ['SIGTERM', (engine: EngineChild) => engine.child.kill('SIGTERM')],
    ['a closed channel', (engine: EngineChild) => engine.child.disconnect()],
  ])(
    'by %s, checkpoints what runs, keeps it in the queue and lets the workspace go',
    async (_name, end) => {
      const workspace = newWorkspace();
      const first = startEngineProcess(workspace);
      const runId = await startTraining(first, 100_000);
      await first.client
        .job(
          'runs.watch',
          { runId },
          {
            onEvent: (event) => {
              if (event.type === 'epoch') end(first);
            },
          },
        )
        .catch(() => undefined);
      expect((await first.exit).code).toBe(0);
      expect(existsSync(path.join(workspace, 'workspace.lock'))).toBe(false);

      const second = startEngineProcess(workspace);
      const info = await second.client.call('app.info', {});
      expect(info.interruptedRuns).toEqual([]);
      const [run] = await second.client.call('runs.list', {});
      expect(['pending', 'running']).toContain(run!.state);
      await second.client.call('runs.cancel', { runId });
      second.child.kill('SIGTERM');
      expect((await second.exit).code).toBe(0);
    },
  );
});

describe('without its parent', () => {
  it('ends within five seconds and lets the workspace go', async () => {
    const workspace = newWorkspace();
    // The parent is a process of its own, so that it can be killed; the engine has no channel to it.
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, [${JSON.stringify(ENGINE_ENTRY)}, ${JSON.stringify(JSON.stringify(optionsFor(workspace)))}], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced',
      });
      process.stdout.write(String(child.pid));
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
    );
    const lock = path.join(workspace, 'workspace.lock');
    await expect.poll(() => existsSync(lock), { timeout: 20_000 }).toBe(true);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid });
    parent.kill('SIGKILL');
    await expect.poll(() => alive(pid), { timeout: 5000 }).toBe(false);
    expect(existsSync(lock)).toBe(false);
  });
});

describe('an error that nobody caught', () => {
  it('ends the process loudly', async () => {
    // The engine cannot start without its options.
    const broken = spawn(process.execPath, [ENGINE_ENTRY, '{}'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    broken.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => broken.once('exit', resolve));
    expect(code).not.toBe(0);
    expect(said).toContain('workspace');
  });
});
