/** Datasets, images and curation as a window uses them: through the contract, on real folders. */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import type { DatasetCard } from '../../src/contract/datasets.ts';
import { Random } from '../../src/core/random.ts';
import { engineIn } from '../support/engine.ts';
import {
  noisePng,
  temporaryFolder,
  writeClassFolders,
  writeFlatFolder,
} from '../support/image-folders.ts';

const opened: { shutdown(): Promise<void> }[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.shutdown();
});

function start(workspace?: string) {
  const made = engineIn(workspace);
  opened.push(made.engine);
  const { client } = made;
  const grant = async (folder: string): Promise<string> =>
    (await client.call('grants.add', { path: folder })).grantId;
  const register = async (folder: string, options: { role?: 'id' | 'ood' } = {}) =>
    client.job('datasets.register', { grantId: await grant(folder), ...options });
  return { ...made, grant, register };
}
type Started = ReturnType<typeof start>;

const root = temporaryFolder();
let made = 0;
const fresh = (name: string): string => path.join(root, `${made++}`, name);

/** Two classes of ten images; none is like another. */
async function fruit(name = 'fruit'): Promise<string> {
  const folder = fresh(name);
  await writeClassFolders(folder, { apple: 40, pear: 170 }, 10, 100 + made);
  return folder;
}
const everything = (datasetIds: string[]) => ({ scope: null, filter: { datasetIds }, sort: { by: 'path', direction: 'ascending' } } as const); // prettier-ignore
const sums = ({ ok, failed, excluded, discovered }: DatasetCard) => ({
  sum: ok + failed + excluded,
  discovered,
});

describe('registering a folder', () => {
  it('scans and analyses it; its card adds up', async () => {
    const folder = await fruit();
    writeFileSync(path.join(folder, 'apple', 'empty.png'), '');
    writeFileSync(path.join(folder, 'notes.txt'), 'not an image');
    const { register, client } = start();
    const { dataset, drift } = await register(folder);
    expect(drift).toBeNull();
    expect(dataset).toMatchObject({
      name: 'fruit',
      role: 'id',
      format: 'folder',
      root: folder,
      reachable: true,
      ok: 20,
      failed: 1,
      excluded: 0,
      discovered: 21,
      otherFiles: 1,
      splitSource: 'seeded',
      sizes: [{ width: 12, height: 12, count: 20 }],
      removedAt: null,
    });
    const perSplit = dataset.classes.map(({ train, val, test }) => train + val + test);
    expect(perSplit).toEqual([10, 10]);
    expect(dataset.sample.length).toBeGreaterThanOrEqual(20);
    expect(dataset.analysis).toMatchObject({ exactDuplicates: 0, leaks: [] });
    expect(await client.call('datasets.list', {})).toEqual([dataset]);
    const { groups } = await client.call('datasets.problems', { datasetId: dataset.id, kind: 'failed', offset: 0, limit: 10 }); // prettier-ignore
    expect(groups.map(({ title }) => title)).toEqual(['file is empty']);
  });

  it('finds copies within it, between its splits and in other sets', async () => {
    const folder = fresh('pictures');
    const random = new Random(8);
    const picture = async (): Promise<Buffer> =>
      sharp(await noisePng(7, 60, random))
        .resize(64, 64, { kernel: 'cubic' })
        .png()
        .toBuffer();
    for (const split of ['train', 'val', 'test'])
      for (const name of ['cup', 'jug']) {
        mkdirSync(path.join(folder, split, name), { recursive: true });
        for (let i = 0; i < 4; i++)
          writeFileSync(path.join(folder, split, name, `${split}${i}.png`), await picture());
      }
    const at = (...parts: string[]): string => path.join(folder, ...parts);
    copyFileSync(at('train/cup/train0.png'), at('test/cup/same.png'));
    const near = await sharp(readFileSync(at('train/jug/train1.png')))
      .jpeg({ quality: 80 })
      .toBuffer();
    writeFileSync(at('test/jug/near.jpg'), near);
    const others = fresh('others');
    mkdirSync(others, { recursive: true });
    for (let i = 0; i < 3; i++) writeFileSync(path.join(others, `${i}.png`), await picture());
    copyFileSync(at('val/cup/val2.png'), path.join(others, 'stolen.png'));

    const { register, client } = start();
    await register(folder);
    const { dataset: ood } = await register(others);
    expect(ood.analysis?.leaks).toEqual([
      expect.objectContaining({ between: 'pictures (val) / others', exact: 1, near: 0 }),
    ]);
    const card = await client.call('datasets.get', { datasetId: 'pictures' });
    expect(card.analysis).toMatchObject({ exactDuplicates: 1, nearDuplicates: 1 });
    expect(card.analysis?.leaks).toEqual([
      { between: 'train / test', otherDatasetId: null, exact: 1, near: 1 },
      { between: 'pictures (val) / others', otherDatasetId: ood.id, exact: 1, near: 0 },
    ]);
    const { groups } = await client.call('datasets.problems', { datasetId: card.id, kind: 'leakage', offset: 0, limit: 10 }); // prettier-ignore
    const paths = groups.map(({ images }) => images.map((image) => image.path).sort());
    expect(paths).toEqual([
      ['test/cup/same.png', 'train/cup/train0.png'],
      ['test/jug/near.jpg', 'train/jug/train1.png'],
      ['stolen.png', 'val/cup/val2.png'],
    ]);

    // Excluding the copies leaves the test images alone and ends the leakage, here and there.
    const selections = ['exact-duplicates', 'near-duplicates', 'leakage'] as const;
    const refs: { datasetId: string; ordinal: number }[] = [];
    for (const kind of selections)
      for (const group of (
        await client.call('datasets.problems', { datasetId: card.id, kind, offset: 0, limit: 10 })
      ).groups)
        // prettier-ignore
        refs.push(...group.images.map(({ ref }) => ref));
    const ordinals = (id: string) => Uint32Array.from(new Set(refs.filter((r) => r.datasetId === id).map((r) => r.ordinal))); // prettier-ignore
    const { images } = await client.call('datasets.excludeCopies', {
      selections: [card.id, ood.id].map((datasetId) => ({ datasetId, ordinals: ordinals(datasetId) })), // prettier-ignore
      reason: '',
    });
    expect(images).toBe(3);
    const after = await client.call('datasets.get', { datasetId: card.id });
    expect(after).toMatchObject({
      excluded: 2,
      ok: 24,
      analysis: { leaks: [], exactDuplicates: 0 },
    });
    expect(after.splits.test).toBe(10);
    expect(sums(after)).toEqual({ sum: 26, discovered: 26 });
    expect((await client.call('datasets.get', { datasetId: ood.id })).excluded).toBe(1);
  });

  it('again is a scan of the same dataset that tells what is different', async () => {
    const folder = await fruit();
    const { register, client, engine } = start();
    const { dataset: before } = await register(folder);
    const splitOf = (): Map<string, string | null> =>
      new Map(engine.context.workspace.loadRegistered(before.id).images.map((i) => [i.path, i.split])); // prettier-ignore
    const splits = splitOf();
    rmSync(path.join(folder, 'apple', '0.png'));
    writeFileSync(path.join(folder, 'apple', '1.png'), await noisePng(12, 90, new Random(77)));
    for (let i = 0; i < 3; i++)
      writeFileSync(
        path.join(folder, 'pear', `new${i}.png`),
        await noisePng(12, 90, new Random(i)),
      );
    const { dataset, drift } = await client.job('datasets.rescan', { datasetId: before.id });
    expect(drift).toMatchObject({ added: 3, removed: 1, changed: 1 });
    expect(drift.examples.removed).toEqual(['apple/0.png']);
    expect(drift.examples.changed).toEqual(['apple/1.png']);
    expect(dataset).toMatchObject({ id: before.id, discovered: 22 });
    expect(dataset.fingerprint).not.toBe(before.fingerprint);
    for (const [file, split] of splitOf())
      if (splits.has(file) && file !== 'apple/1.png') expect(split).toBe(splits.get(file));
    const again = await register(folder);
    expect(again.dataset.id).toBe(before.id);
    expect(again.drift).toMatchObject({ added: 0, removed: 0, changed: 0 });
  });

  it('guesses near and far, and keeps what a person says', async () => {
    const folder = await fruit();
    const near = fresh('near');
    await writeFlatFolder(near, 6, 100);
    const far = fresh('far');
    mkdirSync(far, { recursive: true });
    for (let i = 0; i < 6; i++)
      writeFileSync(path.join(far, `${i}.png`), await sharp(await noisePng(90, 50, new Random(i))).greyscale().png().toBuffer()); // prettier-ignore
    const { register, client } = start();
    const unknown = await register(near);
    expect(unknown.dataset.nearFar).toBeNull();
    await register(folder);
    expect((await client.call('datasets.get', { datasetId: 'near' })).nearFar).toBe('near');
    const { dataset } = await register(far);
    expect(dataset.nearFar).toBe('far');
    await client.call('datasets.update', {
      datasetId: dataset.id,
      nearFar: 'near',
      name: 'Far away',
    });
    const again = await register(far);
    expect(again.dataset).toMatchObject({ nearFar: 'near', name: 'Far away' });
  });

  it('through another path is still the same folder', async () => {
    const folder = await fruit();
    const alias = fresh('alias');
    mkdirSync(path.dirname(alias), { recursive: true });
    symlinkSync(folder, alias);
    const { register, client } = start();
    const { dataset } = await register(folder);
    expect((await register(alias)).dataset.id).toBe(dataset.id);
    expect(await client.call('datasets.list', {})).toHaveLength(1);
  });
});

describe('a path that was dropped', () => {
  const preview = async ({ client, grant }: Started, folder: string) =>
    client.call('datasets.preview', { grantId: await grant(folder) });

  it('is looked at before it is scanned', async () => {
    const started = start();
    const folder = await fruit();
    expect(await preview(started, folder)).toMatchObject({
      kind: 'folder',
      name: 'fruit',
      guessedRole: 'id',
      registeredAs: null,
      overlaps: null,
      problem: null,
    });
    const { dataset } = await started.register(folder);
    expect(await preview(started, folder)).toMatchObject({ registeredAs: dataset.id });
    expect(await preview(started, path.join(folder, 'apple'))).toMatchObject({
      guessedRole: 'ood',
      overlaps: { datasetId: dataset.id, relation: 'inside' },
    });
    expect(await preview(started, path.dirname(folder))).toMatchObject({
      overlaps: { datasetId: dataset.id, relation: 'holds' },
    });
  });

  it('and is a file, or holds no images, says so, and cannot be registered', async () => {
    const started = start();
    const texts = fresh('texts');
    mkdirSync(texts, { recursive: true });
    writeFileSync(path.join(texts, 'a.txt'), 'words');
    const file = path.join(texts, 'a.txt');
    expect((await preview(started, file)).problem).toMatch(/This is a file/);
    expect((await preview(started, texts)).problem).toMatch(/no images.*1 file/);
    await expect(started.register(file)).rejects.toMatchObject({ code: 'invalid-data' });
    await expect(started.register(texts)).rejects.toMatchObject({ code: 'invalid-data' });
    await expect(
      started.client.call('datasets.preview', { grantId: 'never-granted' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('and goes while it is scanned is an error; what was registered before stays', async () => {
    const { register, client, grant } = start();
    const folder = await fruit();
    const { dataset } = await register(folder);
    const away = `${folder}-away`;
    const grantId = await grant(folder);
    const scanning = client.job(
      'datasets.register',
      { grantId },
      { onEvent: () => { try { renameSync(folder, away); } catch { /* moved already */ } } }, // prettier-ignore
    );
    await expect(scanning).rejects.toMatchObject({ code: expect.stringMatching(/not-found|unreadable|invalid-data/) as unknown }); // prettier-ignore
    const card = await client.call('datasets.get', { datasetId: dataset.id });
    expect(card).toMatchObject({ ok: 20, reachable: false, fingerprint: dataset.fingerprint });
    await expect(client.job('datasets.rescan', { datasetId: dataset.id })).rejects.toMatchObject({ code: 'not-found' }); // prettier-ignore
    renameSync(away, folder);
    expect((await client.call('datasets.get', { datasetId: dataset.id })).reachable).toBe(true);
  });

  it('with 199 others is scanned in its turn, and can be cancelled before it', async () => {
    const { client, grant } = start();
    const folders = fresh('many');
    const random = new Random(4);
    for (let i = 0; i < 200; i++) {
      mkdirSync(path.join(folders, `${i}`), { recursive: true });
      writeFileSync(path.join(folders, `${i}`, 'a.png'), await noisePng(8, 100, random));
    }
    const abort = new AbortController();
    const jobs = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const grantId = await grant(path.join(folders, `${i}`));
        return client.job('datasets.register', { grantId }, i === 199 ? { signal: abort.signal } : {}); // prettier-ignore
      }).map((job, i) => {
        if (i === 199) setImmediate(() => abort.abort());
        return job.then(() => 'registered', (error: unknown) => (error as { code: string }).code); // prettier-ignore
      }),
    );
    expect(jobs.filter((result) => result === 'registered')).toHaveLength(199);
    expect(jobs.at(-1)).toBe('cancelled');
    expect(await client.call('datasets.list', {})).toHaveLength(199);
  }, 300_000);
});

describe('a dataset', () => {
  it('can be taken off the list and brought back with all that was decided', async () => {
    const { register, client } = start();
    const { dataset } = await register(await fruit());
    await client.call('datasets.remove', { datasetId: dataset.id });
    // It stays in the list as a removed one, so that it can be brought back at any time.
    const [removed] = await client.call('datasets.list', {});
    expect(removed).toMatchObject({ id: dataset.id, removedAt: expect.any(String) as unknown });
    expect(await client.call('datasets.restore', { datasetId: dataset.id })).toEqual(dataset);
  });

  it('gets another split by seed and shares, which a new scan keeps', async () => {
    const { register, client } = start();
    const { dataset } = await register(await fruit());
    const fractions = { val: 0.3, test: 0.3 };
    const card = await client.call('datasets.setSplit', {
      datasetId: dataset.id,
      seed: 9,
      fractions,
    });
    expect(card).toMatchObject({ splits: { train: 8, val: 6, test: 6 }, splitSeed: 9 });
    expect(card.analysis).toEqual(dataset.analysis);
    const { dataset: again } = await client.job('datasets.rescan', { datasetId: dataset.id });
    expect(again.fingerprint).toBe(card.fingerprint);
    await expect(
      client.call('datasets.setSplit', { datasetId: dataset.id, seed: 1, fractions: { val: 0.6, test: 0.5 } }), // prettier-ignore
    ).rejects.toMatchObject({ code: 'usage' });
  });

  it('whose folders give the split keeps it', async () => {
    const folder = fresh('given');
    for (const split of ['train', 'val', 'test'])
      await writeClassFolders(path.join(folder, split), { a: 20, b: 150 }, 3, split.length);
    const { register, client } = start();
    const { dataset } = await register(folder);
    await expect(
      client.call('datasets.setSplit', { datasetId: dataset.id, seed: 1, fractions: { val: 0.2, test: 0.2 } }), // prettier-ignore
    ).rejects.toMatchObject({ code: 'invalid-data', message: expect.stringMatching(/given by its folders/) as unknown }); // prettier-ignore
  });

  it('read as another role loses or gains its classes', async () => {
    const { register, client } = start();
    const { dataset } = await register(await fruit());
    const ood = await client.job('datasets.setRole', { datasetId: dataset.id, role: 'ood' });
    expect(ood).toMatchObject({ id: dataset.id, role: 'ood', classes: [], splitSource: 'none' });
    const id = await client.job('datasets.setRole', { datasetId: dataset.id, role: 'id' });
    expect(id.classes).toHaveLength(2);
    expect(id.fingerprint).toBe(dataset.fingerprint);
  });

  it('lists its images by status, split, class and text', async () => {
    const folder = await fruit();
    writeFileSync(path.join(folder, 'pear', 'Broken.png'), 'no image');
    const { register, client } = start();
    const { dataset } = await register(folder);
    const images = (filter: object) =>
      client.call('datasets.images', { datasetId: dataset.id, offset: 0, limit: 100, ...filter });
    expect((await images({})).total).toBe(21);
    expect((await images({ status: 'failed' })).images).toMatchObject([{ path: 'pear/Broken.png', status: 'failed' }]); // prettier-ignore
    expect((await images({ split: 'test' })).total).toBe(dataset.splits.test);
    const apples = await images({ className: 'apple', text: '3.PNG' });
    expect(apples.images.map((image) => image.path)).toEqual(['apple/3.png']);
    const page = await client.call('datasets.images', {
      datasetId: dataset.id,
      offset: 19,
      limit: 5,
    });
    expect(page.images.map(({ ordinal }) => ordinal)).toEqual([19, 20]);
  });
});

describe('curation', () => {
  const curated = async (started: Started) => {
    const { dataset } = await started.register(await fruit());
    const apply = (ordinals: number[], action: object) =>
      started.client.call('curation.apply', {
        selections: [{ datasetId: dataset.id, ordinals: Uint32Array.from(ordinals) }],
        action: action as { type: 'exclude' },
        author: 'Ann',
        reason: 'test',
      });
    return { dataset, apply };
  };

  it('shows at once in cells, cards, lists and what is trained on; undo and redo too', async () => {
    const started = start();
    const { client, engine } = started;
    const { dataset, apply } = await curated(started);
    await apply([0, 1, 2], { type: 'exclude' });
    await apply([3], { type: 'relabel', className: 'pear' });
    await apply([3, 4], { type: 'tag', tag: 'odd' });
    const { entry, review } = await apply([4], { type: 'note', text: 'look' });
    expect(entry).toMatchObject({
      author: 'Ann',
      kind: 'apply',
      images: 1,
      examples: ['apple/4.png'],
    });
    expect(review).toMatchObject({
      datasets: [
        {
          excluded: 3,
          relabelled: 1,
          tagged: 2,
          noted: 1,
          stale: 0,
          classesBefore: [{ count: 10 }, { count: 10 }],
          classesAfter: [
            { name: 'apple', count: 6 },
            { name: 'pear', count: 11 },
          ],
        },
      ],
      tags: [{ tag: 'odd', count: 2 }],
      canUndo: true,
      canRedo: false,
    });
    const cells = await client.call('images.cells', {
      scope: null,
      refs: [0, 3, 4].map((ordinal) => ({ datasetId: dataset.id, ordinal })),
    });
    expect(cells).toMatchObject([
      { excluded: true, tags: [] },
      { className: 'apple', relabelled: 'pear', tags: ['odd'] },
      { note: 'look', tags: ['odd'] },
    ]);
    const query = async (filter: object) => {
      const base = everything([dataset.id]);
      const { ordinals } = await client.call('images.query', { ...base, filter: { ...base.filter, ...filter } }); // prettier-ignore
      return [...ordinals];
    };
    expect(await query({ excluded: true })).toEqual([0, 1, 2]);
    expect(await query({ tags: ['odd'] })).toEqual([3, 4]);
    expect(await query({ curated: true })).toEqual([0, 1, 2, 3, 4]);
    expect((await query({ classNames: ['pear'] })).slice(0, 1)).toEqual([3]);
    const { workspace } = engine.context;
    const used = () => workspace.loadManifest(dataset.id).images.filter(({ status }) => status === 'ok'); // prettier-ignore
    expect(used()).toHaveLength(17);
    expect(workspace.loadManifest(dataset.id).fingerprint).not.toBe(dataset.fingerprint);
    for (let i = 0; i < 4; i++) await client.call('curation.undo', {});
    expect(used()).toHaveLength(20);
    expect(workspace.loadManifest(dataset.id).fingerprint).toBe(dataset.fingerprint);
    const none = await client.call('curation.undo', {});
    expect(none).toMatchObject({ entry: null, review: { canUndo: false, canRedo: true } });
    await client.call('curation.redo', {});
    expect(await query({ excluded: true })).toEqual([0, 1, 2]);
    const log = await client.call('curation.log', { offset: 0, limit: 100 });
    expect(log.total).toBe(9);
    expect(log.entries.map(({ kind }) => kind).join(' ')).toBe(
      'redo undo undo undo undo apply apply apply apply',
    );
    expect(log.entries.at(-1)).toMatchObject({ images: 3, undone: false });
    expect(log.entries.at(-2)).toMatchObject({ undone: true });
    const detail = await client.call('images.detail', { scope: null, ref: { datasetId: dataset.id, ordinal: 4 } }); // prettier-ignore
    expect(detail.history.map(({ text }) => text)).toEqual([
      'undone: tagged "odd"',
      'undone: note: look',
      'note: look (test)',
      'tagged "odd" (test)',
    ]);
  });

  it('survives a restart and a new scan; a changed image is stale', async () => {
    const started = start();
    const { dataset, apply } = await curated(started);
    await apply([0, 1], { type: 'exclude' });
    await started.engine.shutdown();
    const { client } = start(started.workspace);
    expect((await client.call('datasets.get', { datasetId: dataset.id })).excluded).toBe(2);
    writeFileSync(
      path.join(dataset.root, 'apple', '0.png'),
      await noisePng(12, 99, new Random(99)),
    );
    writeFileSync(
      path.join(dataset.root, 'apple', '00.png'),
      await noisePng(12, 98, new Random(98)),
    );
    const { dataset: after } = await client.job('datasets.rescan', { datasetId: dataset.id });
    expect(after.excluded).toBe(1);
    expect((await client.call('curation.review', {})).datasets).toMatchObject([{ excluded: 1, stale: 1 }]); // prettier-ignore
  });

  it('refuses a class that is not there, an image that is not there, and nothing', async () => {
    const started = start();
    const { apply } = await curated(started);
    await expect(apply([0], { type: 'relabel', className: 'plum' })).rejects.toMatchObject({ code: 'invalid-data' }); // prettier-ignore
    await expect(apply([20], { type: 'exclude' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(apply([], { type: 'exclude' })).rejects.toMatchObject({ code: 'usage' });
    expect((await started.client.call('curation.log', { offset: 0, limit: 1 })).total).toBe(0);
  });

  it('is exported with or without a filter, never into the dataset', async () => {
    const started = start();
    const { client, grant } = started;
    const { dataset, apply } = await curated(started);
    await apply([0, 1, 2], { type: 'exclude' });
    await apply([3], { type: 'relabel', className: 'pear' });
    const into = fresh('exports');
    mkdirSync(into, { recursive: true });
    const grantId = await grant(into);
    const all = await client.job('curation.export', {
      datasetId: dataset.id,
      mode: 'copy',
      grantId,
    });
    expect(all).toMatchObject({ images: 17, failed: 0 });
    const exported = await started.register(all.displayPath);
    expect(exported.dataset.classes.map(({ train, val, test }) => train + val + test)).toEqual([
      6, 11,
    ]);
    const some = await client.job('curation.export', { datasetId: dataset.id, mode: 'csv', grantId, filter: { excluded: true } }); // prettier-ignore
    expect(readFileSync(some.displayPath, 'utf8').trimEnd().split('\r\n')).toHaveLength(4);
    expect(readdirSync(into)).toHaveLength(2);
    const inside = await grant(path.join(dataset.root, 'apple'));
    await expect(
      client.job('curation.export', { datasetId: dataset.id, mode: 'copy', grantId: inside }),
    ).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('thumbnails', () => {
  it('are made of files and of containers, and kept', async () => {
    const { register, client, workspace } = start();
    const { dataset } = await register(await fruit());
    const first = await client.call('thumbnails.get', {
      datasetId: dataset.id,
      ordinal: 3,
      size: 100,
    });
    expect(first.type).toBe('image/webp');
    expect(await sharp(first.bytes).metadata()).toMatchObject({ format: 'webp', width: 120 });
    const kept = readdirSync(path.join(workspace, 'cache', 'thumbnails'), { recursive: true });
    expect(kept.filter((name) => String(name).endsWith('.webp'))).toHaveLength(1);
    // What is kept does not need the file any more.
    rmSync(path.join(dataset.root, 'apple', '3.png'));
    const again = await client.call('thumbnails.get', {
      datasetId: dataset.id,
      ordinal: 3,
      size: 100,
    });
    expect(again.bytes).toEqual(first.bytes);
    await expect(
      client.call('thumbnails.get', { datasetId: dataset.id, ordinal: 20, size: 64 }),
    ).rejects.toMatchObject({ code: 'not-found' });
    const sample = await register(path.resolve('resources/sample/fashion'));
    const digit = await client.call('thumbnails.get', { datasetId: sample.dataset.id, ordinal: 5, size: 64 }); // prettier-ignore
    expect(await sharp(digit.bytes).metadata()).toMatchObject({ width: 56, height: 56 });
  });

  it('of what cannot be shown say why', async () => {
    const folder = await fruit();
    writeFileSync(path.join(folder, 'apple', 'a.png'), '');
    const { register, client } = start();
    const { dataset } = await register(folder);
    const get = (ordinal: number) =>
      client.call('thumbnails.get', { datasetId: dataset.id, ordinal, size: 64 });
    const { images } = await client.call('datasets.images', { datasetId: dataset.id, status: 'failed', offset: 0, limit: 1 }); // prettier-ignore
    await expect(get(images[0]!.ordinal)).rejects.toMatchObject({ code: 'unreadable', message: expect.stringMatching(/file is empty/) as unknown }); // prettier-ignore
    rmSync(folder, { recursive: true });
    await expect(get(0)).rejects.toMatchObject({ code: 'unreadable', message: expect.stringMatching(/not there/) as unknown }); // prettier-ignore
  });
});

describe('saved views', () => {
  it('are kept over a restart, replaced by name, and removed', async () => {
    const started = start();
    const { client } = started;
    const view = { name: 'Odd ones', filter: { tags: ['odd'], only: [] }, sort: { by: 'score', direction: 'ascending' } } as const; // prettier-ignore
    const saved = await client.call('views.save', { ...view, filter: { tags: ['odd'] } });
    await client.call('views.save', { ...view, filter: { flags: ['dark'] } });
    await started.engine.shutdown();
    const again = start(started.workspace);
    const views = await again.client.call('views.list', {});
    expect(views).toMatchObject([{ id: saved.id, name: 'Odd ones', filter: { flags: ['dark'] } }]);
    await again.client.call('views.remove', { viewId: saved.id });
    expect(await again.client.call('views.list', {})).toEqual([]);
    await expect(again.client.call('views.remove', { viewId: saved.id })).rejects.toMatchObject({ code: 'not-found' }); // prettier-ignore
  });
});
