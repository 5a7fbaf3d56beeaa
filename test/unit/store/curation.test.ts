/** The curation log on disk: it survives a restart and the loss of the database, and only ever grows. */
import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/core/datasets/types.ts';
import { openWorkspace, type Workspace } from '../../../src/core/store/workspace.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (name: string): string => path.join(root, name);
const hostile = ['a\nb.png', '<img src=x onerror=1>.png', '\u202etxt.png', "o'clock.png", 'é.png'];
const manifest = (sha256OfFirst = '0'): Manifest => ({
  schema: 'straylight.manifest/1',
  name: 'things',
  root: '/data/things',
  role: 'ood',
  format: 'folder',
  classes: [],
  images: hostile.map((name, i) => ({
    path: name,
    classIndex: null,
    split: null,
    bytes: 9,
    width: 4,
    height: 4,
    sha256: (i === 0 ? sha256OfFirst : String(i)).padStart(64, '0').replace(/^0{64}$/, 'f'.repeat(64)), // prettier-ignore
    status: 'ok',
    reason: '',
  })),
  symlinksSkipped: 0,
  otherFiles: 0,
  splitSource: 'none',
  splitSeed: 1,
  fingerprint: `f ${sha256OfFirst}`,
  scannedAt: '2026-01-01T00:00:00.000Z',
});
const targets = (datasetId: string, ordinals: readonly number[], of = manifest()) => [
  {
    datasetId,
    paths: ordinals.map((i) => of.images[i]!.path),
    sha256s: ordinals.map((i) => of.images[i]!.sha256),
    ordinals: Uint32Array.from(ordinals),
  },
];
const exclude = (workspace: Workspace, id: string, ordinals: readonly number[]) =>
  workspace.curation.apply({
    action: { type: 'exclude' },
    targets: targets(id, ordinals),
    author: 'ann',
    reason: 'blurred',
  });
const statuses = (workspace: Workspace, id: string): string =>
  workspace.loadManifest(id).images.map(({ status }) => status[0]).join(''); // prettier-ignore

describe('the curation log', () => {
  it('is there again after a restart, with who, why and when', () => {
    const before = openWorkspace(at('restart'));
    const { id } = before.registerDataset(manifest());
    const entry = exclude(before, id, [0, 1, 2, 3, 4]);
    before.curation.undo('bob');
    before.curation.redo('bob');
    const written = before.curation.entries();
    before.close();
    using workspace = openWorkspace(at('restart'));
    expect(workspace.curation.entries()).toEqual(written);
    expect(written.map(({ kind, author }) => `${kind} by ${author}`)).toEqual([
      'apply by ann',
      'undo by bob',
      'redo by bob',
    ]);
    expect(entry).toMatchObject({ reason: 'blurred', time: expect.stringMatching(/^20.*Z$/) as unknown }); // prettier-ignore
    expect(statuses(workspace, id)).toBe('eeeee');
    expect(workspace.loadRegistered(id).images.every(({ status }) => status === 'ok')).toBe(true);
  });

  it('never gets shorter: undoing adds an entry', () => {
    using workspace = openWorkspace(at('growing'));
    const { id } = workspace.registerDataset(manifest());
    exclude(workspace, id, [1]);
    expect(statuses(workspace, id)).toBe('oeooo');
    workspace.curation.undo('ann');
    expect(statuses(workspace, id)).toBe('ooooo');
    expect(workspace.curation.undo('ann')).toBeNull();
    expect(workspace.curation.entries()).toHaveLength(2);
  });

  it('decides about contents: a changed file is back in use, the others stay out', () => {
    using workspace = openWorkspace(at('changed'));
    const { id } = workspace.registerDataset(manifest());
    exclude(workspace, id, [0, 1]);
    workspace.registerDataset(manifest('abc'));
    expect(statuses(workspace, id)).toBe('oeooo');
    const { stale } = workspace.curation.stateOf(id, workspace.loadRegistered(id));
    expect([...stale]).toEqual([0]);
  });

  it('is restored when the database is lost, also when its last line was cut off', () => {
    const folder = at('lost');
    const before = openWorkspace(folder);
    const { id } = before.registerDataset(manifest());
    exclude(before, id, [0, 3]);
    exclude(before, id, [4]);
    before.curation.undo('ann');
    const written = before.curation.entries();
    before.close();
    for (const name of readdirSync(folder).filter((file) => file.startsWith('workspace.sqlite')))
      rmSync(path.join(folder, name));
    appendFileSync(path.join(folder, 'curation.jsonl'), '{"id":"c-2026');
    const workspace = openWorkspace(folder);
    expect(workspace.warnings.join()).toMatch(/restored 3 curation entries/);
    expect(workspace.curation.entries()).toEqual(written);
    workspace.registerDataset(manifest());
    expect(statuses(workspace, id)).toBe('eooeo');
    exclude(workspace, id, [2]);
    workspace.close();
    const lines = readFileSync(path.join(folder, 'curation.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
      'apply',
      'apply',
      'undo',
      'apply',
    ]);
  });

  it('refuses a decision about nothing', () => {
    using workspace = openWorkspace(at('nothing'));
    expect(() =>
      workspace.curation.apply({
        action: { type: 'exclude' },
        targets: [],
        author: '',
        reason: '',
      }),
    ).toThrow(/No image is selected/);
  });
});
