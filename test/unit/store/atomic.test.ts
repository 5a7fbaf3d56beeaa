/** Whatever goes wrong while writing, what was there before is there afterwards. */
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  realDisk,
  recoverLeftovers,
  verifyFolder,
  writeFileAtomic,
  writeFolderAtomic,
  type Disk,
} from '../../../src/core/store/atomic.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);

/** The real disk, failing at the n-th operation from now on, as a full disk does. */
function failingAt(n: number): Disk {
  let calls = 0;
  const step =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      if (++calls === n)
        return Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
      return work(...args);
    };
  return {
    makeFolder: step((p: string) => realDisk.makeFolder(p)),
    writeFile: step((p: string, bytes: Uint8Array) => realDisk.writeFile(p, bytes)),
    flushFolder: step((p: string) => realDisk.flushFolder(p)),
    rename: step((a: string, b: string) => realDisk.rename(a, b)),
    remove: (p: string) => realDisk.remove(p),
  };
}

describe('a file', () => {
  it('is replaced as a whole, or stays, wherever the disk fails', async () => {
    const file = at('settings.json');
    await writeFileAtomic(file, 'old');
    for (let n = 1; n <= 2; n++) {
      await expect(writeFileAtomic(file, 'new', failingAt(n))).rejects.toMatchObject({
        code: 'no-space',
      });
      expect(readFileSync(file, 'utf8'), `failure at operation ${n}`).toBe('old');
    }
    await writeFileAtomic(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(root).filter((name) => name.startsWith('settings'))).toEqual([
      'settings.json',
    ]);
  });
});

describe('a folder', () => {
  const files = (version: string) => ({ 'a.txt': version, 'deep/b.bin': Uint8Array.of(1, 2, 3) });

  it('is replaced as a whole, or stays, wherever the disk fails', async () => {
    const folder = at('model');
    await writeFolderAtomic(folder, files('old'));
    let failures = 0;
    for (let n = 1; n < 30; n++) {
      const outcome = await writeFolderAtomic(folder, files('new'), failingAt(n)).then(
        () => 'written',
        () => 'failed',
      );
      const content = readFileSync(path.join(folder, 'a.txt'), 'utf8');
      expect((await verifyFolder(folder)).ok, `failure at operation ${n}`).toBe(true);
      if (outcome === 'written') {
        expect(content).toBe('new');
        break;
      }
      failures++;
      // After the last rename the new content counts, though its folder was not flushed.
      expect(['old', 'new']).toContain(content);
    }
    expect(failures).toBeGreaterThan(5);
  });

  it('is verified byte by byte', async () => {
    const folder = at('checked');
    await writeFolderAtomic(folder, files('text'));
    expect(await verifyFolder(folder)).toEqual({ ok: true });
    // Files beside those that were written do not matter.
    writeFileSync(path.join(folder, 'record.json'), '{}');
    expect(await verifyFolder(folder)).toEqual({ ok: true });
    writeFileSync(path.join(folder, 'a.txt'), 'tex!');
    expect(await verifyFolder(folder)).toEqual({
      ok: false,
      reason: 'a.txt does not match its hash',
    });
    truncateSync(path.join(folder, 'a.txt'), 2);
    expect(await verifyFolder(folder)).toEqual({
      ok: false,
      reason: 'a.txt has 2 bytes instead of 4',
    });
    expect(await verifyFolder(at('nowhere'))).toMatchObject({ ok: false });
  });

  it('takes no name that leaves it', async () => {
    for (const name of ['../x', '/x', 'a/../../x', 'a\\b', 'C:x', 'nul', ''])
      await expect(writeFolderAtomic(at('names'), { [name]: 'x' }), name).rejects.toThrow(
        /not a plain/,
      );
  });

  it('that was moved aside by a process that died is put back', async () => {
    const parent = at('leftovers');
    mkdirSync(parent);
    const folder = path.join(parent, 'model');
    await writeFolderAtomic(folder, files('old'));
    // Stops between moving the old folder aside and moving the new one in, and cannot undo it.
    let renames = 0;
    const dying: Disk = {
      ...realDisk,
      rename: (from, to) =>
        ++renames > 1 ? Promise.reject(new Error('killed')) : realDisk.rename(from, to),
      remove: () => Promise.reject(new Error('killed')),
    };
    await expect(writeFolderAtomic(folder, files('new'), dying)).rejects.toThrow();
    expect(readdirSync(parent)).not.toContain('model');
    expect(recoverLeftovers(parent)).toBeGreaterThan(0);
    expect(readdirSync(parent)).toEqual(['model']);
    expect(readFileSync(path.join(folder, 'a.txt'), 'utf8')).toBe('old');
  });
});
