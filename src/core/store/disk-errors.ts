import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../errors.ts';

/** `1.5 MB`, decimal units as file managers show them. */
export function humanBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]!}`;
}

/** The operating system's code of a failed call, e.g. `ENOSPC`, or ''. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** Bytes left on the disk of a path, or of the nearest folder above it that exists; null when unknown. */
export function freeBytes(path: string): number | null {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      if (folder === dirname(folder)) return null;
    }
  }
}

/**
 * Says what a failed write (or read) of a path means for the user: full disk `no-space`, refused
 * `unreadable`, a file in the way `invalid-data`, gone `not-found`. An `AppError` passes unchanged.
 * @param path what was to be written or read
 * @param neededBytes size of what was to be written; null when unknown
 */
export function diskError(error: unknown, path: string, neededBytes: number | null): AppError {
  if (error instanceof AppError) return error;
  const details = { path, errno: errnoOf(error), neededBytes };
  const cause = error;
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const free = freeBytes(path);
      const needed = neededBytes === null ? 'more space' : humanBytes(neededBytes);
      const left = free === null ? '' : `, ${humanBytes(free)} are free`;
      return new AppError(
        'no-space',
        `${path}: the disk is full (needs ${needed}${left}). Nothing that was saved before is lost; ` +
          'free some space, or choose a workspace on another disk, then run it again.',
        { details: { ...details, freeBytes: free }, cause },
      );
    }
    case 'EACCES':
    case 'EPERM':
      return new AppError(
        'unreadable',
        `${path}: permission denied. Change the folder's permissions or choose another workspace ` +
          '(--workspace or STRAYLIGHT_WORKSPACE).',
        { details, cause },
      );
    case 'EROFS':
      return new AppError(
        'unreadable',
        `${path}: this file system is read-only. Choose a workspace that can be written to ` +
          '(--workspace or STRAYLIGHT_WORKSPACE).',
        { details, cause },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new AppError(
        'invalid-data',
        `${path}: a file is in the way of this folder. Move it, or choose another folder.`,
        { details, cause },
      );
    case 'ENOENT':
      return new AppError('not-found', `${path}: does not exist. Check the path.`, {
        details,
        cause,
      });
    default:
      return new AppError(
        'internal',
        `${path}: ${error instanceof Error ? error.message : String(error)}. ` +
          'Check the disk, then run it again.',
        { details, cause },
      );
  }
}
