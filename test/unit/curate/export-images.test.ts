/** Exports: whole or not at all, never over what is there, with names that every system takes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportImages, type ExportMode } from '../../../src/core/curate/export-images.ts';
import { safeName, UniqueNames } from '../../../src/core/curate/safe-names.ts';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import type { Manifest } from '../../../src/core/datasets/types.ts';
import {
  temporaryFolder,
  writeClassFolders,
  writeFlatFolder,
} from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const now = new Date('2026-03-04T05:06:07Z');
const marksOf = () => ({ scannedClass: 'cat', tags: ['=1+1', 'b'], note: 'n', flags: ['dark'] });
let cats: Manifest;

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
const request = (mode: ExportMode, into: string, manifest = cats) => {
  mkdirSync(into, { recursive: true });
  return { manifest, ordinals: manifest.images.keys(), mode, into, marksOf, now };
};

beforeAll(async () => {
  await writeClassFolders(at('cats'), { cat: 30, dog: 160 }, 6);
  cats = await scanFolder(at('cats'));
});

describe('an export', () => {
  it('as copies is a folder that can be scanned: same images, classes and splits', async () => {
    const { path: folder, images, failed } = await exportImages(request('copy', at('copies')));
    expect([images, failed]).toEqual([12, 0]);
    expect(folder).toBe(at('copies', 'cats-2026-03-04'));
    const again = await scanFolder(folder);
    expect(again.splitSource).toBe('folders');
    const facts = ({ images: all, classes }: Manifest) =>
      all
        .map(({ sha256, split, classIndex }) => `${sha256} ${split} ${classes[classIndex!]}`)
        .sort();
    expect(facts(again)).toEqual(facts(cats));
    expect(readFileSync(path.join(folder, 'images.csv'), 'utf8').split('\r\n')).toHaveLength(14);
  });

  it('as hard links takes no room', async () => {
    const { path: folder } = await exportImages(request('hard-link', at('links')));
    const linked = files(folder).find((file) => file.endsWith('.png'))!;
    expect(statSync(path.join(folder, linked)).nlink).toBe(2);
  });

  it('never overwrites: a name that is taken gets a number', async () => {
    const into = at('twice');
    const first = await exportImages(request('copy', into));
    writeFileSync(path.join(first.path, 'mine.txt'), 'mine');
    const second = await exportImages(request('copy', into));
    expect(second.path).toBe(`${first.path}-2`);
    expect(readFileSync(path.join(first.path, 'mine.txt'), 'utf8')).toBe('mine');
    const csv = await exportImages(request('csv', into));
    expect((await exportImages(request('csv', into))).path).not.toBe(csv.path);
  });

  it('as CSV and JSON lists what people said; a tag cannot become a formula', async () => {
    const csv = readFileSync((await exportImages(request('csv', at('lists')))).path, 'utf8');
    const [header, first] = csv.split('\r\n');
    expect(header).toBe('path,exported as,class,class as scanned,split,tags,note,flags,width,height,bytes,sha256'); // prettier-ignore
    expect(first).toContain(`'=1+1; b`);
    const json = JSON.parse(
      readFileSync((await exportImages(request('json', at('lists')))).path, 'utf8'),
    ) as { images: { sha256: string; tags: string[] }[] };
    expect(json.images.map(({ sha256 }) => sha256)).toEqual(cats.images.map((i) => i.sha256));
    expect(json.images[0]!.tags).toEqual(['=1+1', 'b']);
  });

  it('leaves out what has changed or gone since the scan, and says which', async () => {
    await writeFlatFolder(at('moving'), 4, 90);
    const moving = await scanFolder(at('moving'));
    writeFileSync(at('moving', '1.png'), 'other bytes');
    execFileSync('rm', [at('moving', '2.png')]);
    const {
      path: folder,
      images,
      failed,
    } = await exportImages(request('copy', at('moved'), moving));
    expect([images, failed]).toEqual([2, 2]);
    const reasons = readFileSync(path.join(folder, 'failed.csv'), 'utf8');
    expect(reasons).toMatch(/1\.png,file has changed since the scan/);
    expect(reasons).toMatch(/2\.png,file is gone/);
    expect(files(folder)).toEqual(['0.png', '3.png', 'failed.csv', 'images.csv']);
  });

  it('of container files is PNG, pixel for pixel', async () => {
    mkdirSync(at('idx'));
    const header = (magic: number, ...sizes: number[]): Buffer => {
      const bytes = Buffer.alloc(4 + 4 * sizes.length);
      [magic, ...sizes].forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
      return bytes;
    };
    const pixels = Buffer.from(Array.from({ length: 3 * 4 }, (_, i) => 20 * i));
    writeFileSync(at('idx', 'train-images-idx3-ubyte'), Buffer.concat([header(0x803, 3, 2, 2), pixels])); // prettier-ignore
    const digits = await scanFolder(at('idx'), { role: 'ood' });
    const warnings: string[] = [];
    const { path: folder } = await exportImages(request('hard-link', at('from-idx'), digits), {
      onWarning: (text) => warnings.push(text),
    });
    expect(warnings.join()).toMatch(/written as PNG copies/);
    const png = await sharp(path.join(folder, 'train-images-idx3-ubyte-1.png')).greyscale().raw().toBuffer(); // prettier-ignore
    expect([...png]).toEqual([80, 100, 120, 140]);
  });

  it('into the dataset itself, or of nothing, is refused', async () => {
    await expect(exportImages(request('copy', at('cats', 'cat')))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/lies within the dataset/) as unknown,
    });
    await expect(
      exportImages({ ...request('copy', at('none')), ordinals: [] }),
    ).rejects.toMatchObject({ code: 'usage' });
    expect(files(at('none'))).toEqual([]);
  });

  it('that is cancelled leaves nothing', async () => {
    const abort = new AbortController();
    const exporting = exportImages(request('copy', at('cancelled')), {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(exporting).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(at('cancelled'))).toEqual([]);
  });
});

const hostile = [
  '<img src=x onerror=alert(1)>.png',
  'line\nbreak.png',
  '\u202egnp.exe.png',
  '=1+1.png',
  'con.png',
  'trailing.png. ',
  `${'é'.repeat(120)}.png`,
];

describe('hostile names', () => {
  it.skipIf(process.platform === 'win32')(
    'are exported under names that every system takes, one file each',
    async () => {
      mkdirSync(at('hostile'));
      // With the file's name 4,090 bytes: under the export's longer name it is over the limit of 4,095.
      const levels = Array.from({ length: 20 }, (_, i) => `${i % 10}`.repeat(190));
      const left = 4090 - at('hostile', ...levels, 'x.png').length - 1;
      const deep = path.join('hostile', ...levels, 'z'.repeat(left));
      mkdirSync(at(deep), { recursive: true });
      for (const [i, name] of [
        ...hostile,
        path.join(path.relative('hostile', deep), 'x.png'),
      ].entries()) {
        const bytes = await sharp({ create: { width: 4 + i, height: 4, channels: 3, background: '#123' } }).png().toBuffer(); // prettier-ignore
        writeFileSync(at('hostile', name), bytes);
      }
      // `trailing.png. ` is no image by its extension.
      const names = await scanFolder(at('hostile'), { role: 'ood' });
      const {
        path: folder,
        images,
        failed,
      } = await exportImages(request('copy', at('safe'), names));
      expect([images, failed]).toEqual([hostile.length - 1, 1]);
      expect(readFileSync(path.join(folder, 'failed.csv'), 'utf8')).toMatch(/too long/);
      for (const file of files(folder))
        for (const part of file.split('/')) expect(part).toBe(safeName(part));
    },
  );

  it('become safe ones, whatever they are, and stay so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const safe = safeName(name);
        expect(safe).not.toMatch(/[\u0000-\u001f<>:"/\\|?*\u202a-\u202e]|[. ]$/u); // eslint-disable-line no-control-regex
        expect(['', '.', '..']).not.toContain(safe);
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(255);
        expect(safeName(safe)).toBe(safe);
      }),
    );
  });

  it('that differ only in case get numbers', () => {
    const names = new UniqueNames();
    expect(names.take('a', 'X.png')).toBe('a/X.png');
    expect(names.take('A', 'x.PNG')).toBe('A/x (2).PNG');
    expect(names.take('b', 'x.png')).toBe('b/x.png');
  });
});

/** A disk of half a megabyte, where this machine lets us make one. */
const tiny = at('tiny');
const mounted = ((): boolean => {
  mkdirSync(tiny);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', tiny], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
afterAll(() => {
  if (mounted) execFileSync('umount', [tiny]);
});

describe.skipIf(!mounted)(
  `another disk${mounted ? '' : ' (skipped: no right to mount a small one)'}`,
  () => {
    it('that fills up is an error that says so, with nothing left behind', async () => {
      mkdirSync(at('large'));
      for (let i = 0; i < 20; i++) {
        const noise = await sharp({
          create: { width: 128, height: 128, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 60 } }, // prettier-ignore
        }).png().toBuffer(); // prettier-ignore
        writeFileSync(at('large', `${i}.png`), noise);
      }
      const large = await scanFolder(at('large'), { role: 'ood' });
      await expect(exportImages(request('copy', tiny, large))).rejects.toMatchObject({
        code: 'no-space',
      });
      expect(readdirSync(tiny)).toEqual([]);
    });

    it('cannot hold hard links: the images are copied, and it says so', async () => {
      const warnings: string[] = [];
      const { path: folder, images } = await exportImages(request('hard-link', tiny), {
        onWarning: (text) => warnings.push(text),
      });
      expect(images).toBe(12);
      expect(warnings).toEqual([expect.stringMatching(/copied instead/)]);
      expect(existsSync(path.join(folder, 'images.csv'))).toBe(true);
    });
  },
);
