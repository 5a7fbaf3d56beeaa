/** Whole sets: what is cached, what has changed meanwhile, what never stops the rest. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import { DecodePool } from '../../../src/core/decode/decode-pool.ts';
import { decodeSet } from '../../../src/core/decode/decode-set.ts';
import { computeNormalisation } from '../../../src/core/decode/normalisation.ts';
import { inMemory, readRange, readRows } from '../../../src/core/decode/pixel-block.ts';
import type { DecodedSet } from '../../../src/core/decode/types.ts';
import { temporaryFolder, writeFlatFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const spec = { size: 12, resize: 'stretch' } as const;

const pixelsOf = ({ block }: DecodedSet): Promise<Uint8Array> => readRange(block, 0, block.count);

async function scanned(name: string, count = 6) {
  await writeFlatFolder(at(name), count, 100, name.length);
  return scanFolder(at(name));
}

describe('a set of files', () => {
  it('becomes one block, in the order asked for', async () => {
    const manifest = await scanned('ordered');
    const forwards = await decodeSet(manifest, manifest.images, spec);
    const backwards = await decodeSet(manifest, [...manifest.images].reverse(), spec);
    const [a, b] = [await pixelsOf(forwards), await pixelsOf(backwards)];
    const image = (pixels: Uint8Array, row: number) =>
      Buffer.from(pixels.subarray(row * 432, (row + 1) * 432)).toString('hex');
    expect(forwards.block).toMatchObject({ count: 6, size: 12 });
    for (let i = 0; i < 6; i++) expect(image(b, 5 - i)).toBe(image(a, i));
    expect(new Set(Array.from({ length: 6 }, (_, i) => image(a, i))).size).toBe(6);
  });

  it('leaves out files that are gone or changed since the scan, with the reason', async () => {
    const manifest = await scanned('drift');
    rmSync(at('drift', '1.png'));
    writeFileSync(at('drift', '3.png'), readFileSync(at('drift', '4.png')));
    const decoded = await decodeSet(manifest, manifest.images, spec, { cacheDir: at('cache') });
    const { block, rows, failures } = decoded;
    const pixels = await pixelsOf(decoded);
    expect([...rows]).toEqual([0, 2, 4, 5]);
    expect(block.count).toBe(4);
    expect(pixels).toHaveLength(4 * 432);
    expect(failures).toEqual([
      { index: 1, path: '1.png', reason: expect.stringMatching(/gone/) as string },
      { index: 3, path: '3.png', reason: 'file has changed since the scan' },
    ]);
    // With holes nothing is kept; the files may come back.
    expect(readdirSync(root)).not.toContain('cache');
    const one = await decodeSet(manifest, [manifest.images[4]!], spec);
    expect(Buffer.compare(await pixelsOf(one), pixels.subarray(2 * 432, 3 * 432))).toBe(0);
  });

  it('is read from the cache the second time, and decoded anew when the cache is damaged', async () => {
    const manifest = await scanned('cached');
    const cacheDir = at('blocks');
    const first = await decodeSet(manifest, manifest.images, spec, { cacheDir });
    // Without its files it can only come from the cache.
    const kept = manifest.images.map(({ path: p }) => [p, readFileSync(at('cached', p))] as const);
    for (const [name] of kept) rmSync(at('cached', name));
    const second = await decodeSet(manifest, manifest.images, spec, { cacheDir });
    expect(Buffer.compare(await pixelsOf(first), await pixelsOf(second))).toBe(0);

    for (const [name, bytes] of kept) writeFileSync(at('cached', name), bytes);
    const pixels = readdirSync(cacheDir).find((name) => name.endsWith('.rgb8'))!;
    const damaged = readFileSync(path.join(cacheDir, pixels));
    damaged[100]! ^= 1;
    writeFileSync(path.join(cacheDir, pixels), damaged);
    const third = await decodeSet(manifest, manifest.images, spec, { cacheDir });
    expect(Buffer.compare(await pixelsOf(first), await pixelsOf(third))).toBe(0);
  });

  it('another size or way of resizing is another block', async () => {
    const manifest = await scanned('spec');
    const cacheDir = at('spec-cache');
    await decodeSet(manifest, manifest.images, spec, { cacheDir });
    const larger = await decodeSet(
      manifest,
      manifest.images,
      { size: 20, resize: 'pad' },
      { cacheDir },
    );
    expect(await pixelsOf(larger)).toHaveLength(6 * 20 * 20 * 3);
    await decodeSet(manifest, manifest.images, { size: 20, resize: 'stretch' }, { cacheDir });
    expect(readdirSync(cacheDir).filter((name) => name.endsWith('.rgb8'))).toHaveLength(3);
  });

  it('that is too large for memory is read from a file, and the same', async () => {
    const manifest = await scanned('filed', 7);
    const small = { cacheDir: at('filed-cache'), inMemoryUpTo: 1000 };
    const filed = await decodeSet(manifest, manifest.images, spec, small);
    const again = await decodeSet(manifest, manifest.images, spec, small);
    const held = await decodeSet(manifest, manifest.images, spec);
    expect([filed, again, held].map(({ block }) => inMemory(block))).toEqual([false, false, true]);
    const expected = await pixelsOf(held);
    expect(Buffer.compare(await pixelsOf(filed), expected)).toBe(0);
    expect(Buffer.compare(await pixelsOf(again), expected)).toBe(0);
    const rows = [5, 0, 5, 3];
    expect(
      Buffer.compare(await readRows(again.block, rows), await readRows(held.block, rows)),
    ).toBe(0);
    expect(await computeNormalisation(again.block)).toEqual(await computeNormalisation(held.block));
    // What was written by the piece is a cache like any other, checked by its hash when it fits in memory.
    const checked = await decodeSet(manifest, manifest.images, spec, { cacheDir: small.cacheDir });
    expect(inMemory(checked.block)).toBe(true);
    expect(Buffer.compare(await pixelsOf(checked), expected)).toBe(0);
  });

  it('read from a file leaves out what failed', async () => {
    const manifest = await scanned('filed-drift');
    rmSync(at('filed-drift', '2.png'));
    const options = { cacheDir: at('filed-drift-cache'), inMemoryUpTo: 1000 };
    const filed = await decodeSet(manifest, manifest.images, spec, options);
    const held = await decodeSet(manifest, manifest.images, spec);
    expect([...filed.rows]).toEqual([0, 1, 3, 4, 5]);
    expect(inMemory(filed.block)).toBe(false);
    expect(Buffer.compare(await pixelsOf(filed), await pixelsOf(held))).toBe(0);
    expect(readdirSync(options.cacheDir).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('cancelled half way leaves no file behind', async () => {
    const manifest = await scanned('filed-cancelled');
    const cacheDir = at('filed-cancelled-cache');
    const signal = AbortSignal.abort();
    await expect(
      decodeSet(manifest, manifest.images, spec, { cacheDir, inMemoryUpTo: 1000, signal }),
    ).rejects.toThrow('Cancelled');
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it('that would not fit anywhere is refused before anything is read', async () => {
    const manifest = await scanned('large');
    await expect(
      decodeSet(manifest, manifest.images, { size: 200_000, resize: 'stretch' }),
    ).rejects.toThrow(/6 images of 200000 x 200000 pixels take 720.0 GB.*smaller input size/);
    await expect(
      decodeSet(
        manifest,
        manifest.images,
        { size: 2_000_000, resize: 'stretch' },
        { cacheDir: at('large-cache') },
      ),
    ).rejects.toThrow(/take 72000.0 GB.* and the disk of .* has .* GB left/);
  });
});

describe('the pool', () => {
  const entry = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const pools: DecodePool[] = [];
  const pool = (code: string, timeoutMs = 20_000): DecodePool => {
    pools.push(new DecodePool({ workers: 1, timeoutMs, entry: entry(code) }));
    return pools.at(-1)!;
  };
  afterAll(() => Promise.all(pools.map((p) => p.close())));
  const job = (file: string) => ({ kind: 'inspect', file }) as const;
  const answering = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ file }) => {
      if (file === 'hang') for (;;);
      if (file === 'crash') process.exit(3);
      if (file === 'throw') throw new Error('broken');
      parentPort.postMessage({ kind: 'failed', reason: file });
    });`;

  it('an image that hangs, crashes or throws is one failure; the next is decoded', async () => {
    const workers = pool(answering, 1500);
    const answers = await Promise.all(
      ['hang', 'a', 'crash', 'b', 'throw', 'c'].map((f) => workers.run(job(f))),
    );
    expect(answers.map((answer) => (answer.kind === 'failed' ? answer.reason : ''))).toEqual([
      'decoding took longer than 1.5 s',
      'a',
      'the decoder ended',
      'b',
      'the decoder failed: broken',
      'c',
    ]);
  });

  it('started ahead decodes; workers that cannot load end without harm, and each image says why', async () => {
    const ready = pool(answering);
    ready.warm();
    expect(await ready.run(job('a'))).toEqual({ kind: 'failed', reason: 'a' });
    const broken = new DecodePool({ workers: 2, entry: entry(`throw new Error('no library')`) });
    pools.push(broken);
    broken.warm();
    for (const file of ['a', 'b', 'c'])
      expect(await broken.run(job(file))).toEqual({
        kind: 'failed',
        reason: 'the decoder failed: no library',
      });
  });

  it('stops between images when cancelled', async () => {
    const workers = pool(answering);
    const stop = new AbortController();
    const done: number[] = [];
    const files = Array.from({ length: 50 }, (_, i) => String(i));
    await expect(
      workers.forEach(
        files,
        job,
        (_, i) => {
          done.push(i);
          if (done.length === 5) stop.abort();
        },
        stop.signal,
      ),
    ).rejects.toThrow('Cancelled');
    expect(done.length).toBeLessThan(10);
  });
});

describe('normalisation', () => {
  it('is mean and population deviation of each channel in [0, 1]', async () => {
    const data = Uint8Array.of(0, 10, 7, 255, 20, 7, 51, 30, 7, 102, 40, 7);
    const { mean, std } = await computeNormalisation({ count: 1, size: 2, data });
    expect(mean[0]).toBeCloseTo((0 + 1 + 0.2 + 0.4) / 4, 12);
    expect(std[0]).toBeCloseTo(Math.sqrt((0.16 + 0.36 + 0.04 + 0) / 4), 12);
    expect(mean[1]).toBeCloseTo(25 / 255, 12);
    expect(std[1]).toBeCloseTo(Math.sqrt(125) / 255, 12);
    // A channel that never varies would be divided by zero.
    expect(std[2]).toBe(1);
  });
});
