/** What lists are made of is read once, and anew when it has changed. */
import { afterAll, expect, it } from 'vitest';
import { ImageData } from '../../../src/engine/image-data.ts';
import { temporaryFolder } from '../../support/image-folders.ts';
import { manifestOf, openWorkspace } from '../../support/scored-workspace.ts';

let clock = Date.parse('2026-01-02T03:04:05Z');
const workspace = openWorkspace(temporaryFolder(), { now: () => new Date((clock += 1000)) });
afterAll(() => workspace.close());
const names = ['a.png', 'b.png', 'c.png'];
const manifest = manifestOf('others', names.map((path) => ({ path, split: null, label: null }))); // prettier-ignore
const analysis = (...flags: number[]) => ({
  flags: Uint8Array.from(flags),
  exactGroups: new Int32Array(flags.length).fill(-1),
  nearGroups: new Int32Array(flags.length).fill(-1),
});

it('flags are those of the newest analysis of the images that are there now', async () => {
  const data = new ImageData(() => workspace);
  const { id } = workspace.registerDataset(manifest);
  expect([...(await data.marks(id)).flags]).toEqual([0, 0, 0]);
  workspace.saveAnalysis(id, analysis(1, 0, 2), []);
  const { flags } = await data.marks(id);
  expect([...flags]).toEqual([1, 0, 2]);
  // The very same array: nothing was read again.
  expect((await data.marks(id)).flags).toBe(flags);
  workspace.saveAnalysis(id, analysis(0, 4, 2), []);
  expect([...(await data.marks(id)).flags]).toEqual([0, 4, 2]);
  // Other images: nothing is known of them yet.
  workspace.registerDataset({
    ...manifestOf('others', [...names, 'd.png'].map((path) => ({ path, split: null, label: null }))), // prettier-ignore
    root: manifest.root,
    scannedAt: '2026-02-02T03:04:05.000Z',
  });
  expect([...(await data.marks(id)).flags]).toEqual([0, 0, 0, 0]);
});
