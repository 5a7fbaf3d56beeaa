/**
 * Writes that a crash, a kill or a full disk cannot leave half done: everything goes to a temporary
 * name beside its place, is flushed, and takes its place by one rename.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { Pacer } from '../pace.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import {
  hashManifest,
  hashManifestName,
  safeRelativePath,
  type HashedFile,
} from './hash-manifest.ts';

export { verifyFolder, type Verification } from './hash-manifest.ts';

/** The steps of an atomic write, one call each; tests put failures between them. */
export interface Disk {
  makeFolder(path: string): Promise<void>;
  /** Creates the file, writes it all and flushes it to the device. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** Flushes the folder's entries, so that a rename survives a power cut. */
  flushFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The real disk. */
export const realDisk: Disk = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  writeFile: async (path, bytes) => {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  flushFolder: async (path) => {
    // Windows cannot open a folder to flush it; NTFS journals renames by itself.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } catch (error) {
      // Some network file systems refuse to flush folders.
      if (errnoOf(error) !== 'EINVAL') throw error;
    } finally {
      await folder.close();
    }
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
};

const leftover = /^\.(.+)\.(tmp|old)-[0-9a-f]{12}$/;

/** A temporary name beside a path, which `recoverLeftovers` knows. */
export function besides(path: string, kind: 'tmp' | 'old'): string {
  return join(dirname(path), `.${basename(path)}.${kind}-${randomBytes(6).toString('hex')}`);
}

/** Hashed at a time, in about a millisecond. */
const HASH_BYTES = 2 ** 20;

/** Checkpoints are written while a window waits for answers, so their hash takes as many turns as it needs. */
async function sha256Paced(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  const pacer = new Pacer();
  for (let from = 0; from < bytes.length; from += HASH_BYTES) {
    hash.update(bytes.subarray(from, from + HASH_BYTES));
    await pacer.pause();
  }
  return hash.digest('hex');
}

const encode = (content: Uint8Array | string): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;

/**
 * Writes or replaces one file; readers see the old content or the new, never a part.
 * @throws AppError('no-space' | 'unreadable' | ...) with the former content intact
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  disk: Disk = realDisk,
): Promise<void> {
  const bytes = encode(content);
  const temporary = besides(path, 'tmp');
  try {
    await disk.writeFile(temporary, bytes);
    await disk.rename(temporary, path);
    await disk.flushFolder(dirname(path));
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    throw diskError(error, path, bytes.length);
  }
}

/** `writeFileAtomic` for small records inside a database transaction, which cannot wait. */
export function writeFileAtomicSync(path: string, content: string): void {
  const temporary = besides(path, 'tmp');
  try {
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw diskError(error, path, Buffer.byteLength(content));
  }
}

/**
 * Writes or replaces a folder as one unit. The files are followed by `sha256.json`, their hash
 * manifest, which `verifyFolder` checks. A replaced folder is moved aside first; if the process dies
 * at that very moment, `recoverLeftovers` puts it back.
 * @param files content by relative path with `/`, e.g. `weights.safetensors`, `tfjs/model.json`
 * @throws AppError('no-space' | 'unreadable' | ...) with the temporary folder removed and the former one intact
 */
export async function writeFolderAtomic(
  finalPath: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  disk: Disk = realDisk,
): Promise<void> {
  const contents = Object.entries(files).map(
    ([name, content]) => [safeRelativePath(name), encode(content)] as const,
  );
  if (contents.some(([name]) => name === hashManifestName)) {
    throw new AppError('internal', `${finalPath}: ${hashManifestName} is written by the store.`);
  }
  const hashed: HashedFile[] = [];
  for (const [name, bytes] of contents)
    hashed.push({ name, bytes: bytes.length, sha256: await sha256Paced(bytes) });
  const manifest = encode(hashManifest(hashed));
  const parent = dirname(finalPath);
  const temporary = besides(finalPath, 'tmp');
  const aside = besides(finalPath, 'old');
  try {
    await disk.makeFolder(temporary);
    const folders = new Set([temporary]);
    for (const [name, bytes] of [...contents, [hashManifestName, manifest] as const]) {
      const path = join(temporary, name);
      for (let folder = dirname(path); folder !== temporary; folder = dirname(folder)) {
        folders.add(folder);
      }
      await disk.makeFolder(dirname(path));
      await disk.writeFile(path, bytes);
    }
    for (const folder of folders) await disk.flushFolder(folder);
    const replaces = existsSync(finalPath);
    if (replaces) await disk.rename(finalPath, aside);
    try {
      await disk.rename(temporary, finalPath);
    } catch (error) {
      if (replaces) await disk.rename(aside, finalPath);
      throw error;
    }
    await disk.flushFolder(parent);
    if (replaces) await disk.remove(aside);
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    const needed = contents.reduce((sum, [, bytes]) => sum + bytes.length, manifest.length);
    throw diskError(error, finalPath, needed);
  }
}

/** Removes a folder so that an interrupted removal never leaves a half one under its own name. */
export async function removeFolderAtomic(path: string, disk: Disk = realDisk): Promise<void> {
  const temporary = besides(path, 'tmp');
  try {
    await disk.rename(path, temporary);
    await disk.remove(temporary);
  } catch (error) {
    throw diskError(error, path, null);
  }
}

/**
 * Clears up after a process that died while writing below `folder`: a folder that was moved aside
 * and not yet replaced goes back to its place, everything temporary is removed. Only for the process
 * that holds the workspace's lock, before it writes itself.
 * @returns how many entries were cleared
 */
export function recoverLeftovers(folder: string): number {
  const found = readdirSync(folder)
    .map((entry) => leftover.exec(entry))
    .filter((match) => match !== null);
  for (const [entry, name, kind] of found) {
    const target = join(folder, name!);
    if (kind === 'old' && !existsSync(target)) renameSync(join(folder, entry), target);
    else rmSync(join(folder, entry), { recursive: true, force: true });
  }
  return found.length;
}
