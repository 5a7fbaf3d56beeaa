/** A workspace as its users know it: what goes in comes out, also after the process died or the disk failed. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageRecord, Manifest } from '../../../src/core/datasets/types.ts';
import { readMatrix } from '../../../src/core/store/score-matrices.ts';
import { openWorkspace } from '../../../src/core/store/workspace.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);

const image = (i: number): ImageRecord => ({
  path: `class/${i}.png`,
  classIndex: i % 2,
  split: i % 10 === 0 ? 'test' : 'train',
  bytes: 100 + i,
  width: 32,
  height: 31,
  sha256: i.toString(16).padStart(64, '0'),
  status: i % 7 === 0 ? 'failed' : 'ok',
  reason: i % 7 === 0 ? 'file is empty' : '',
});
const manifest = (images: number, changes: Partial<Manifest> = {}): Manifest => ({
  schema: 'straylight.manifest/1',
  name: 'things',
  root: '/data/things',
  role: 'id',
  format: 'folder',
  classes: ['a', 'b'],
  images: Array.from({ length: images }, (_, i) => image(i)),
  symlinksSkipped: 2,
  otherFiles: 3,
  splitSource: 'seeded',
  splitSeed: 4,
  fingerprint: `f${images}`,
  scannedAt: '2026-01-02T03:04:05.000Z',
  ...changes,
});
const shape = { classes: 2, units: 3 };
const scores = (rows: number) => ({
  rows: Uint32Array.from({ length: rows }, (_, i) => i),
  predicted: Int32Array.from({ length: rows }, (_, i) => i % 2),
  confidence: Float64Array.from({ length: rows }, (_, i) => 1 / (i + 1)),
  energies: Float64Array.from({ length: rows }, (_, i) => -i / 7),
  l1: Float64Array.from({ length: rows }, (_, i) => i),
  hoyer: Float64Array.from({ length: rows }, (_, i) => i / rows),
  logits: Float32Array.from({ length: 2 * rows }, (_, i) => i / 3),
  features: Float32Array.from({ length: 3 * rows }, (_, i) => i / 5),
});
async function saveScores(
  workspace: ReturnType<typeof openWorkspace>,
  key: { modelId: string; datasetId: string },
  rows: number,
  fingerprint: string,
): Promise<void> {
  const writer = await workspace.newScores(key, shape);
  await writer.append(scores(rows));
  await workspace.saveScores({ ...key, fingerprint }, writer);
}
function addModel(workspace: ReturnType<typeof openWorkspace>, name: string): string {
  const id = workspace.newId('model');
  mkdirSync(workspace.modelFolder(id), { recursive: true });
  workspace.addModel({
    id,
    name,
    parentId: null,
    datasetId: null,
    role: 'before',
    objective: 'cross-entropy',
    preset: 'quick',
    weightsSha256: 'ab',
    json: { anything: [1, 2] },
  });
  return id;
}

describe('a workspace', () => {
  it('gives back what was put in, after it was closed and opened', async () => {
    const folder = at('round-trip');
    let workspace = openWorkspace(folder);
    const dataset = workspace.registerDataset(manifest(12_000));
    const model = addModel(workspace, 'first');
    const run = workspace.createRun({ kind: 'pretrain', config: { lambda: 0.02 } });
    workspace.updateRun(run.id, { state: 'running' });
    workspace.updateRun(run.id, { state: 'succeeded', modelId: model });
    const key = { modelId: model, datasetId: dataset.id };
    await saveScores(workspace, key, 50, 'f12000');
    const audit = workspace.addAudit({
      id: workspace.newId('audit'),
      title: 'An audit',
      json: { a: 1 },
    });
    workspace.close();

    workspace = openWorkspace(folder);
    expect(workspace.warnings).toEqual([]);
    expect(workspace.loadManifest(dataset.id)).toEqual(manifest(12_000));
    expect(workspace.getModel('first')).toMatchObject({ id: model, json: { anything: [1, 2] } });
    expect(workspace.getRun(run.id)).toMatchObject({
      state: 'succeeded',
      modelId: model,
      config: { lambda: 0.02 },
    });
    const { logits, features, ...columns } = scores(50);
    const stored = (await workspace.loadScores(key))!;
    expect(stored).toMatchObject({ ...columns, ...key, ...shape, count: 50 });
    expect(await readMatrix(stored, 'logits', 0, 50)).toEqual(logits);
    expect(await readMatrix(stored, 'features', 10, 12)).toEqual(features.slice(30, 36));
    expect(workspace.getAudit(audit.id)).toMatchObject({ title: 'An audit', json: { a: 1 } });
    workspace.close();
  });

  it('scanned again: the same folder keeps its id; changed images take their scores with them', async () => {
    using workspace = openWorkspace(at('rescan'));
    const first = workspace.registerDataset(manifest(20));
    const model = addModel(workspace, 'm');
    const key = { modelId: model, datasetId: first.id };
    await saveScores(workspace, key, 20, 'f20');
    expect(workspace.registerDataset(manifest(20)).id).toBe(first.id);
    expect(await workspace.loadScores(key)).not.toBeNull();
    expect(workspace.registerDataset(manifest(21)).id).toBe(first.id);
    expect(await workspace.loadScores(key)).toBeNull();
    expect(workspace.listScores()).toEqual([]);
    expect(workspace.listDatasets()).toHaveLength(1);
  });

  it('finds things by name, id and the beginning of an id, and says what it knows otherwise', () => {
    using workspace = openWorkspace(at('finding'));
    const one = addModel(workspace, 'one');
    addModel(workspace, 'two');
    expect(workspace.getModel(one).name).toBe('one');
    expect(workspace.getModel('two').name).toBe('two');
    expect(() => workspace.getModel('three')).toThrow(/no model "three"(?=.*\(one\)).*\(two\)/);
    expect(() => workspace.getModel('m-')).toThrow(/ambiguous/);
    expect(() => workspace.getDataset('x')).toThrow(/no datasets yet/);
    expect(() => workspace.modelFolder('../../etc')).toThrow();
  });

  it('has one owner at a time, who is named', () => {
    const folder = at('owned');
    const owner = openWorkspace(folder);
    expect(() => openWorkspace(folder)).toThrow(new RegExp(`in use by process ${process.pid} on `));
    owner.close();
    openWorkspace(folder).close();
  });

  it('whose owner was killed opens, with its run marked interrupted', async () => {
    const folder = at('killed');
    const code = `
      import { openWorkspace } from ${JSON.stringify(path.resolve('src/core/store/workspace.ts'))};
      const workspace = openWorkspace(${JSON.stringify(folder)});
      const run = workspace.createRun({ kind: 'pretrain', config: {} });
      workspace.updateRun(run.id, { state: 'running' });
      console.log(run.id);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, [
      '--no-warnings',
      '--input-type=module-typescript',
      '-e',
      code,
    ]);
    const id = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    using workspace = openWorkspace(folder);
    expect(workspace.interruptedRuns).toEqual([id]);
    expect(workspace.getRun(id).state).toBe('interrupted');
  });

  it('whose database is damaged is restored from the folders, and says so', () => {
    const folder = at('damaged');
    const before = openWorkspace(folder);
    const model = addModel(before, 'survivor');
    const run = before.createRun({ kind: 'pretrain', config: { seed: 5 } });
    before.close();
    for (const name of readdirSync(folder).filter((entry) => entry.startsWith('workspace.sqlite')))
      writeFileSync(
        path.join(folder, name),
        'this is no database, and it is long enough to be looked at',
      );
    using workspace = openWorkspace(folder);
    expect(workspace.warnings.join()).toMatch(/damaged/);
    expect(workspace.getModel('survivor').id).toBe(model);
    expect(workspace.getRun(run.id).config).toEqual({ seed: 5 });
    // The damaged file is kept aside, not deleted.
    expect(readdirSync(folder).some((name) => /sqlite.*(damaged|corrupt)/.test(name))).toBe(true);
  });

  it('of a newer version is refused, not downgraded', () => {
    const folder = at('newer');
    openWorkspace(folder).close();
    const db = new DatabaseSync(path.join(folder, 'workspace.sqlite'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(() => openWorkspace(folder)).toThrow(/written by a newer Straylight.*Update Straylight/);
  });

  it('of an older version is brought up to date, with everything in it', () => {
    const folder = at('older');
    mkdirSync(folder);
    copyFileSync('test/fixtures/store/workspace-v1.sqlite', path.join(folder, 'workspace.sqlite'));
    using workspace = openWorkspace(folder);
    expect(workspace.warnings).toEqual([]);
    const fruit = workspace.getDataset('fruit');
    expect(fruit).toMatchObject({ root: '/data/fruit', nearFar: null, removedAt: null });
    expect(workspace.loadManifest(fruit.id).images.map(({ reason }) => reason)).toEqual([
      '',
      'file is empty',
    ]);
    expect(workspace.getModel('first').removedAt).toBeNull();
  });

  it('keeps what is taken off its lists, and brings it back', async () => {
    const folder = at('removed');
    const before = openWorkspace(folder);
    const { id } = before.registerDataset(manifest(20));
    const model = addModel(before, 'm');
    const key = { modelId: model, datasetId: id };
    await saveScores(before, key, 20, 'f20');
    before.removeDataset(id);
    before.removeModel('m');
    before.close();
    using workspace = openWorkspace(folder);
    expect(workspace.listDatasets()).toEqual([]);
    expect(workspace.listModels()).toEqual([]);
    expect(workspace.listRemovedDatasets().map((dataset) => dataset.id)).toEqual([id]);
    expect(workspace.listRemovedModels().map(({ name }) => name)).toEqual(['m']);
    // What refers to them by id still finds them.
    expect(workspace.getDataset(id).name).toBe('things');
    expect(() => workspace.getDataset('things')).toThrow(/no dataset "things"/);
    workspace.restoreDataset(id);
    workspace.restoreModel(model);
    expect(workspace.listDatasets()).toHaveLength(1);
    expect(workspace.getModel('m').id).toBe(model);
    expect(await workspace.loadScores(key)).not.toBeNull();
  });

  it('takes a removed folder back on the list when it is scanned again', () => {
    using workspace = openWorkspace(at('removed-and-scanned'));
    const { id } = workspace.registerDataset(manifest(20));
    workspace.removeDataset(id);
    expect(workspace.registerDataset(manifest(20)).id).toBe(id);
    expect(workspace.listDatasets()).toHaveLength(1);
  });

  it('cannot be made where a file is in the way', () => {
    writeFileSync(at('file'), 'x');
    expect(() => openWorkspace(at('file'))).toThrow(/a file is in the way/);
  });
});

/** A disk of one megabyte, where this machine lets us make one. */
const tiny = at('tiny');
const mounted = ((): boolean => {
  mkdirSync(tiny);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', tiny], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
afterAll(() => {
  if (mounted) execFileSync('umount', [tiny]);
});

describe.skipIf(!mounted)(
  `a disk that fills up${mounted ? '' : ' (skipped: no right to mount a small one)'}`,
  () => {
    it('is an error that says so; what was stored stays, and writing goes on once there is room', () => {
      using workspace = openWorkspace(path.join(tiny, 'workspace'));
      const small = workspace.registerDataset(manifest(10));
      const filler = path.join(tiny, 'filler');
      writeFileSync(filler, Buffer.alloc(300_000));
      expect(() => workspace.registerDataset(manifest(20_000, { root: '/data/large' }))).toThrow(
        /the disk is full.*free some space/s,
      );
      expect(workspace.loadManifest(small.id).images).toHaveLength(10);
      expect(workspace.listDatasets()).toHaveLength(1);
      rmSync(filler);
      expect(workspace.registerDataset(manifest(30, { root: '/data/more' })).summary.images).toBe(
        30,
      );
    });
  },
);
