import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { extractZip, readZipEntries } from '../../../scripts/setup/unzip.mjs';

// Written by Python's zipfile; zip64.zip with ZIP64_LIMIT = 10, so that it has 64-bit fields throughout.
const fixture = (name: string): string => path.join(import.meta.dirname, 'fixtures', name);
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-unzip-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const wanted = (name: string): boolean => name.startsWith('pkg/');

describe.each(['plain.zip', 'zip64.zip'])('unzip %s', (name) => {
  it('writes the chosen files, deflated, stored and empty, and no others', async () => {
    await extractZip(fixture(name), folder, wanted);
    const read = (file: string): Buffer => readFileSync(path.join(folder, 'pkg', file));
    expect(read('deflated.txt').toString()).toBe('straylight\n'.repeat(1000));
    expect([...read('stored.bin')]).toEqual(Array.from({ length: 256 }, (_, i) => i));
    expect(read('empty')).toHaveLength(0);
    expect(existsSync(path.join(folder, 'other'))).toBe(false);
  });

  it('reports the bytes it writes', async () => {
    let last = 0;
    await extractZip(fixture(name), folder, wanted, (bytes) => (last = bytes));
    expect(last).toBe(11_000 + 256);
  });

  it('finds damaged content by its checksum', async () => {
    const bytes = readFileSync(fixture(name));
    const at = bytes.indexOf(Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]));
    bytes[at + 3] = 99;
    const damaged = path.join(folder, 'damaged.zip');
    writeFileSync(damaged, bytes);
    await expect(extractZip(damaged, folder, wanted)).rejects.toThrow(/stored\.bin is damaged/);
  });

  it('finds an archive cut short', async () => {
    const cut = path.join(folder, 'cut.zip');
    writeFileSync(cut, readFileSync(fixture(name)).subarray(0, 300));
    await expect(readZipEntries(cut)).rejects.toThrow(/cut short/);
  });
});

it('refuses an entry that points outside of the folder', async () => {
  await expect(extractZip(fixture('escape.zip'), folder, () => true)).rejects.toThrow(/outside/);
});
