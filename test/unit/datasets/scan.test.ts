/** From folders as people have them to manifests in which every file is accounted for. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { manifestToCsv } from '../../../src/core/datasets/manifest.ts';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import type { Manifest } from '../../../src/core/datasets/types.ts';
import {
  temporaryFolder,
  writeClassFolders,
  writeFlatFolder,
} from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const refusal = async (folder: string, options = {}): Promise<AppError> => {
  const error: unknown = await scanFolder(folder, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};
const statuses = ({ images }: Manifest) => ({
  ok: images.filter(({ status }) => status === 'ok').length,
  failed: images.filter(({ status }) => status === 'failed').length,
});

beforeAll(async () => {
  await writeClassFolders(at('id'), { img2: 20, img10: 200, a: 90 }, 10);
  await writeFlatFolder(at('ood'), 5, 120);
});

describe('a folder of image files', () => {
  it('becomes a manifest with classes, splits, sizes and hashes', async () => {
    const manifest = await scanFolder(at('id'), { splitSeed: 3 });
    expect(manifest).toMatchObject({
      schema: 'straylight.manifest/1',
      name: 'id',
      role: 'id',
      format: 'folder',
      classes: ['a', 'img2', 'img10'],
      splitSource: 'seeded',
      splitSeed: 3,
    });
    expect(manifest.images.slice(0, 3).map(({ path: p }) => p)).toEqual([
      'a/0.png',
      'a/1.png',
      'a/2.png',
    ]);
    const first = manifest.images[0]!;
    const bytes = readFileSync(at('id', 'a', '0.png'));
    expect(first).toMatchObject({
      classIndex: 0,
      bytes: bytes.length,
      width: 12,
      height: 12,
      status: 'ok',
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it('has a fingerprint of its content: the same twice, another after any change', async () => {
    const before = await scanFolder(at('id'));
    expect((await scanFolder(at('id'))).fingerprint).toBe(before.fingerprint);
    expect((await scanFolder(at('id'), { splitSeed: 2 })).fingerprint).not.toBe(before.fingerprint);
    const extra = at('id', 'a', 'extra.png');
    writeFileSync(extra, readFileSync(at('ood', '0.png')));
    expect((await scanFolder(at('id'))).fingerprint).not.toBe(before.fingerprint);
    rmSync(extra);
  });

  it('counts symbolic links and other files, and follows no link', async () => {
    mkdirSync(at('links', 'deep'), { recursive: true });
    await writeFlatFolder(at('links', 'deep'), 3, 50);
    symlinkSync(at('id'), at('links', 'folder'));
    symlinkSync(at('ood', '0.png'), at('links', 'file.png'));
    symlinkSync(at('links'), at('links', 'loop'));
    writeFileSync(at('links', 'readme.txt'), 'text');
    const manifest = await scanFolder(at('links'));
    expect(manifest).toMatchObject({ role: 'ood', symlinksSkipped: 3, otherFiles: 1 });
    expect(manifest.images.map(({ path: p }) => p)).toEqual([
      'deep/0.png',
      'deep/1.png',
      'deep/2.png',
    ]);
  });

  it('keeps names as they are: newline, markup, right-to-left override, NFC and NFD', async () => {
    const png = readFileSync(at('ood', '0.png'));
    const names = [
      'a\nb.png',
      '<img src=x onerror=1>.png',
      '\u202Egnp.png',
      'é.png',
      'e\u0301.png',
      '=1+1.png',
    ];
    mkdirSync(at('names'));
    for (const name of names) writeFileSync(at('names', name), png);
    const manifest = await scanFolder(at('names'));
    expect(statuses(manifest)).toEqual({ ok: names.length, failed: 0 });
    expect(new Set(manifest.images.map(({ path: p }) => p))).toEqual(new Set(names));
    const csv = [...manifestToCsv(manifest)].join('');
    expect(csv).toContain(`"a\nb.png"`);
    expect(csv).toContain(`'=1+1.png`);
  });

  it('says of a name that is not UTF-8 that it cannot be opened', async () => {
    mkdirSync(at('latin1'));
    await writeFlatFolder(at('latin1'), 2, 10);
    writeFileSync(
      Buffer.concat([Buffer.from(`${at('latin1')}/`), Buffer.from([0xe9]), Buffer.from('.png')]),
      'x',
    );
    const manifest = await scanFolder(at('latin1'));
    expect(statuses(manifest)).toEqual({ ok: 2, failed: 1 });
    expect(manifest.images.find(({ status }) => status === 'failed')!.reason).toMatch(
      /not valid UTF-8/,
    );
  });

  it('can be cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    expect((await refusal(at('id'), { signal: stop.signal })).code).toBe('cancelled');
  });

  it('one corrupt image in a thousand is one row', async () => {
    await writeFlatFolder(at('thousand'), 1000, 60);
    writeFileSync(
      at('thousand', '500.png'),
      readFileSync(at('thousand', '500.png')).subarray(0, 60),
    );
    const manifest = await scanFolder(at('thousand'));
    expect(statuses(manifest)).toEqual({ ok: 999, failed: 1 });
    expect(manifest.images.find(({ status }) => status === 'failed')).toMatchObject({
      path: '500.png',
    });
  });

  it('as ID, loose images are rows that say why they are not used', async () => {
    await writeClassFolders(at('loose'), { x: 10, y: 90 }, 10);
    writeFileSync(at('loose', 'stray.png'), readFileSync(at('ood', '1.png')));
    const manifest = await scanFolder(at('loose'));
    expect(manifest.role).toBe('id');
    expect(manifest.images.find(({ path: p }) => p === 'stray.png')).toMatchObject({
      status: 'failed',
      reason: 'lies outside every class folder',
      split: null,
    });
  });

  it('a file is not a folder', async () => {
    expect((await refusal(at('ood', '0.png'))).message).toMatch(/is a file/);
  });

  it('with only links in it, says so', async () => {
    mkdirSync(at('only-links'));
    symlinkSync(at('ood', '0.png'), at('only-links', 'a.png'));
    expect((await refusal(at('only-links'))).message).toMatch(/1 symbolic links were not followed/);
  });
});

/** IDX by its definition: 0, 0, type 8, dimensions, then big-endian sizes, then bytes. */
function idx(sizes: readonly number[], bytes: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header[2] = 8;
  header[3] = sizes.length;
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, Buffer.from(bytes)]);
}

function writeIdxPair(folder: string, part: string, labels: readonly number[]): void {
  mkdirSync(folder, { recursive: true });
  const pixels = labels.flatMap((label, i) =>
    Array.from({ length: 6 }, (_, p) => 10 * label + i + p),
  );
  writeFileSync(path.join(folder, `${part}-images-idx3-ubyte`), idx([labels.length, 2, 3], pixels));
  writeFileSync(path.join(folder, `${part}-labels-idx1-ubyte`), idx([labels.length], labels));
}

describe('IDX files', () => {
  const labels = Array.from({ length: 30 }, (_, i) => i % 3);

  it('are read with their labels, splits and class names', async () => {
    writeIdxPair(at('idx'), 'train', labels);
    writeIdxPair(at('idx'), 't10k', [0, 1, 2, 0, 1, 2]);
    writeFileSync(at('idx', 'classes.txt'), 'zero\r\none\r\ntwo\r\n');
    const manifest = await scanFolder(at('idx'));
    expect(manifest).toMatchObject({
      role: 'id',
      format: 'idx',
      classes: ['zero', 'one', 'two'],
      splitSource: 'folders',
    });
    expect(manifest.images).toHaveLength(36);
    const train = manifest.images.find(({ path: p }) => p === 'train-images-idx3-ubyte#4')!;
    const pixels = Uint8Array.from({ length: 6 }, (_, p) => 10 * 1 + 4 + p);
    expect(train).toMatchObject({
      classIndex: 1,
      width: 3,
      height: 2,
      bytes: 6,
      sha256: createHash('sha256').update(pixels).digest('hex'),
    });
    expect(manifest.images.filter(({ split }) => split === 'test')).toHaveLength(6);
    expect(manifest.images.filter(({ split }) => split === 'val')).toHaveLength(3);
  });

  it('a file that is cut off loses its tail, image by image', async () => {
    writeIdxPair(at('cut'), 'train', labels);
    const file = at('cut', 'train-images-idx3-ubyte');
    writeFileSync(file, readFileSync(file).subarray(0, 16 + 6 * 25 + 2));
    const manifest = await scanFolder(at('cut'));
    expect(statuses(manifest)).toEqual({ ok: 25, failed: 5 });
    expect(manifest.images.at(-1)).toMatchObject({
      reason: 'train-images-idx3-ubyte ends before this image',
    });
  });

  it('a damaged gzip file is one row, and the whole an error when nothing else is there', async () => {
    mkdirSync(at('gz'));
    writeFileSync(at('gz', 'train-images-idx3-ubyte.gz'), 'no gzip');
    expect((await refusal(at('gz'))).message).toMatch(/None of the 1 images.*damaged gzip/);
  });

  it('labels that do not fit their images are an error', async () => {
    writeIdxPair(at('misfit'), 'train', labels);
    writeFileSync(at('misfit', 'train-labels-idx1-ubyte'), idx([3], [0, 1, 2]));
    expect((await refusal(at('misfit'))).message).toMatch(/30 images, but its label file 3 labels/);
  });

  it('too few class names are an error that says how many', async () => {
    writeIdxPair(at('names-missing'), 'train', labels);
    writeFileSync(at('names-missing', 'classes.txt'), 'zero\none\n');
    expect((await refusal(at('names-missing'))).message).toMatch(/names 2 classes.*class number 2/);
  });

  it('without labels are an OOD set', async () => {
    mkdirSync(at('unlabelled'));
    writeFileSync(at('unlabelled', 'x-images-idx3-ubyte'), idx([2, 1, 1], [5, 6]));
    expect(await scanFolder(at('unlabelled'))).toMatchObject({
      role: 'ood',
      classes: [],
      format: 'idx',
    });
  });

  it('beside image files are ambiguous', async () => {
    writeIdxPair(at('both'), 'train', labels);
    await writeFlatFolder(at('both'), 1, 5);
    expect((await refusal(at('both'))).message).toMatch(/both image files and train-images/);
  });
});

describe('CIFAR binary batches', () => {
  /** Label bytes, then 1,024 red, green and blue bytes. */
  const record = (labels: readonly number[], r: number, g: number, b: number): Buffer =>
    Buffer.concat([Buffer.from(labels), ...[r, g, b].map((value) => Buffer.alloc(1024, value))]);

  it('CIFAR-10: one label byte, names of the classes built in', async () => {
    mkdirSync(at('cifar10'));
    const records = Array.from({ length: 100 }, (_, i) => record([i % 10], i, 100, 200));
    writeFileSync(at('cifar10', 'data_batch_1.bin'), Buffer.concat(records));
    writeFileSync(at('cifar10', 'test_batch.bin'), Buffer.concat(records.slice(0, 20)));
    const manifest = await scanFolder(at('cifar10'));
    expect(manifest).toMatchObject({ role: 'id', format: 'cifar-binary', splitSource: 'folders' });
    expect(manifest.classes).toHaveLength(10);
    expect(manifest.classes[3]).toBe('cat');
    expect(manifest.images[13]).toMatchObject({
      path: 'data_batch_1.bin#13',
      classIndex: 3,
      width: 32,
      height: 32,
    });
    expect(manifest.images.filter(({ split }) => split === 'test')).toHaveLength(20);
  });

  it('CIFAR-100: the second label byte counts; a torn last record is a row', async () => {
    mkdirSync(at('cifar100'));
    const records = Array.from({ length: 40 }, (_, i) => record([7, i % 4], i, i, i));
    writeFileSync(at('cifar100', 'train.bin'), Buffer.concat([...records, Buffer.alloc(50)]));
    writeFileSync(at('cifar100', 'fine_label_names.txt'), 'apple\nbear\ncan\ndog\n');
    const manifest = await scanFolder(at('cifar100'));
    expect(manifest.classes).toEqual(['apple', 'bear', 'can', 'dog']);
    expect(manifest.images[2]!.classIndex).toBe(2);
    expect(statuses(manifest)).toEqual({ ok: 40, failed: 1 });
  });
});
