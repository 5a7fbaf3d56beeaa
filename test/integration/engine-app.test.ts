/** What the engine says of itself, of the machine and of its jobs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobState } from '../../src/contract/app.ts';
import { connect, engineIn } from '../support/engine.ts';
import { temporaryFolder, writeFlatFolder } from '../support/image-folders.ts';

const opened: { shutdown(): Promise<void> }[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.shutdown();
});

function start(workspace?: string) {
  const made = engineIn(workspace);
  opened.push(made.engine);
  return made;
}

describe('app.info', () => {
  it('tells the workspace, and the runtime once it is loaded', async () => {
    const { client, workspace } = start();
    const before = await client.call('app.info', {});
    expect(before).toMatchObject({
      workspace: { folder: workspace },
      workspaceError: null,
      runtime: null,
      sampleAvailable: true,
    });
    const loaded = await client.job('app.loadRuntime', {});
    expect(['cuda', 'cpu', 'wasm']).toContain(loaded.runtime?.tier);
    expect((await client.call('app.info', {})).runtime).toEqual(loaded.runtime);
  });

  it('of a workspace that is locked still answers, and every other method says why', async () => {
    const { workspace } = start();
    const second = start(workspace);
    const info = await second.client.call('app.info', {});
    expect(info.workspace).toBeNull();
    expect(info.workspaceError?.code).toBe('locked');
    await expect(second.client.call('datasets.list', {})).rejects.toMatchObject({ code: 'locked' });
    await expect(second.client.call('runs.list', {})).rejects.toMatchObject({ code: 'locked' });
  });

  it.each([
    ['a file is in the way', (folder: string) => writeFileSync(folder, '')],
    [
      'another program owns the database',
      (folder: string) => {
        mkdirSync(folder);
        writeFileSync(path.join(folder, 'workspace.sqlite'), 'SQLite format 3\0 but not ours');
      },
    ],
  ])('still answers when %s', async (_case, prepare) => {
    const folder = path.join(temporaryFolder(), 'workspace');
    prepare(folder);
    const { client } = start(folder);
    const info = await client.call('app.info', {});
    // What can be repaired is repaired, with a warning; the rest is an error.
    expect(info.workspaceError !== null || info.warnings.length > 0).toBe(true);
  });
});

describe('jobs', () => {
  it('are seen by every window, go on when the one that asked reloads, and can be cleared', async () => {
    const { engine, client } = start();
    const root = path.join(temporaryFolder(), 'flat');
    await writeFlatFolder(root, 60, 40);
    const { grantId } = await client.call('grants.add', { path: root });
    const asking = connect(engine);
    const gone = asking.job('datasets.register', { grantId }).catch((error: unknown) => error);
    const seen: JobState[][] = [];
    const stop = new AbortController();
    await client.job(
      'jobs.watch',
      {},
      {
        signal: stop.signal,
        onEvent: (jobs) => {
          seen.push(jobs);
          asking.close();
          if (jobs.some(({ state }) => state === 'succeeded')) stop.abort();
        },
      },
    );
    expect(await gone).toMatchObject({ code: 'engine-gone' });
    expect(seen.at(-1)).toMatchObject([{ kind: 'scan', state: 'succeeded', error: null }]);
    expect(await client.call('datasets.list', {})).toHaveLength(1);

    await client.call('jobs.clear', {});
    const left: JobState[][] = [];
    const once = new AbortController();
    await client.job(
      'jobs.watch',
      {},
      {
        signal: once.signal,
        onEvent: (jobs) => {
          left.push(jobs);
          once.abort();
        },
      },
    );
    expect(left).toEqual([[]]);
  });
});

describe('the doctor', () => {
  it('reports in sections, with the same words as on the command line', async () => {
    const { client } = start();
    const report = await client.job('doctor.run', {});
    expect(report.passed).toBe(true);
    expect(report.tier).not.toBeNull();
    for (const { rows } of report.sections)
      for (const { value } of rows) expect(report.text).toContain(value);
  });
});

describe('the sample project', () => {
  it('is registered with one ID set and its OOD sets; asked for again it keeps its ids', async () => {
    const { client } = start();
    const made = await client.job('sample.create', {});
    expect(made.oodDatasetIds).toHaveLength(3);
    const cards = await client.call('datasets.list', {});
    expect(cards.find(({ id }) => id === made.idDatasetId)).toMatchObject({
      role: 'id',
      // From its SOURCES.md: 6,000 + 2,000 images, none of them damaged.
      discovered: 8000,
      failed: 0,
    });
    expect(await client.job('sample.create', {})).toEqual(made);

    // Removed, a set stays in the list as such, so that it can be brought back later too.
    const [datasetId] = made.oodDatasetIds;
    await client.call('datasets.remove', { datasetId: datasetId! });
    const after = await client.call('datasets.list', {});
    expect(after.filter(({ removedAt }) => removedAt !== null).map(({ id }) => id)).toEqual([datasetId]); // prettier-ignore
    await client.call('datasets.restore', { datasetId: datasetId! });
    expect((await client.call('datasets.list', {})).every(({ removedAt }) => removedAt === null)).toBe(true); // prettier-ignore
  });
});
