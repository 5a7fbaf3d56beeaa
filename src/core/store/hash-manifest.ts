/** `sha256.json`: sizes and hashes of the files of a folder that was written as one unit. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { errnoOf } from './disk-errors.ts';

/** Written last, so a folder that has it was written to its end. */
export const hashManifestName = 'sha256.json';

/** One file of the folder: relative path with `/`, size in bytes, hex SHA-256. */
export interface HashedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const schema = z.strictObject({
  schema: z.literal('straylight.sha256/1'),
  files: z.array(
    z.strictObject({
      name: z.string(),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The manifest's text, sorted by name. */
export function hashManifest(files: readonly HashedFile[]): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${JSON.stringify({ schema: 'straylight.sha256/1', files: sorted }, null, 2)}\n`;
}

/**
 * Returns the path if it stays inside its folder on every platform.
 * @throws AppError('invalid-data') for absolute paths, `..`, backslashes, drive letters and the like
 */
export function safeRelativePath(path: string): string {
  const safe = path
    .split('/')
    .every((part) => /^[\w-][\w.-]*$/.test(part) && !windowsDevice.test(part));
  if (safe) return path;
  throw new AppError(
    'invalid-data',
    `${JSON.stringify(path)}: not a plain relative file name; use letters, digits, ".", "_" and "-".`,
  );
}

/** The files that a folder's manifest lists. @throws when there is none, or it is damaged */
export async function readHashManifest(path: string): Promise<readonly HashedFile[]> {
  const text = await readFile(join(path, hashManifestName), 'utf8');
  const { files } = schema.parse(JSON.parse(text));
  for (const { name } of files) safeRelativePath(name);
  return files;
}

/** Whether a folder is complete and unchanged; `reason` names the file and what is wrong with it. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * Recomputes the hashes of a folder written by `writeFolderAtomic`. Files that the manifest does not
 * list are ignored. Never throws for a damaged folder; links are not followed.
 */
export async function verifyFolder(path: string): Promise<Verification> {
  let files: readonly HashedFile[];
  try {
    files = await readHashManifest(path);
  } catch (error) {
    const missing = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR';
    return {
      ok: false,
      reason: missing ? `${hashManifestName} is missing` : `${hashManifestName} is damaged`,
    };
  }
  for (const { name, bytes, sha256 } of files) {
    const reason = await damageOf(join(path, name), bytes, sha256);
    if (reason !== null) return { ok: false, reason: `${name} ${reason}` };
  }
  return { ok: true };
}

async function damageOf(path: string, bytes: number, sha256: string): Promise<string | null> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile()) return 'is not a file';
    if (stats.size !== bytes) return `has ${stats.size} bytes instead of ${bytes}`;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest('hex') === sha256 ? null : 'does not match its hash';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'is missing';
    return `cannot be read (${messageOf(error)})`;
  }
}
