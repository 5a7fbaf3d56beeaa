/** Small real folders of images to run commands on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/core/random.ts';

/** A temporary folder that is removed when the test process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-test-'));
  if (folders.length === 0) process.on('exit', removeAll);
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** A PNG of noise around a grey level, so that classes differ and no two images are the same. */
export function noisePng(size: number, level: number, random: Random): Promise<Buffer> {
  const data = Buffer.from(
    Uint8Array.from({ length: size * size * 3 }, () => level + random.integer(40)),
  );
  return sharp(data, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}

/** `classes` maps a folder name to its grey level. */
export async function writeClassFolders(
  root: string,
  classes: Readonly<Record<string, number>>,
  perClass: number,
  seed = 1,
): Promise<void> {
  const random = new Random(seed);
  for (const [name, level] of Object.entries(classes)) {
    mkdirSync(path.join(root, name), { recursive: true });
    for (let i = 0; i < perClass; i++)
      writeFileSync(path.join(root, name, `${i}.png`), await noisePng(12, level, random));
  }
}

export async function writeFlatFolder(
  root: string,
  count: number,
  level: number,
  seed = 2,
): Promise<void> {
  const random = new Random(seed);
  mkdirSync(root, { recursive: true });
  for (let i = 0; i < count; i++)
    writeFileSync(path.join(root, `${i}.png`), await noisePng(12, level, random));
}
