/** Everything below a folder, in natural order, without following symbolic links. */
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { compare } from 'natural-orderby';
import { throwIfAborted } from '../errors.ts';

export type WalkEntry =
  /** A regular file. `path` is below the root, with `/`. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string }
  /** A device, socket or pipe. */
  | { readonly kind: 'special'; readonly path: string }
  /** A folder that cannot be listed. */
  | { readonly kind: 'unreadable-folder'; readonly path: string; readonly error: Error };

const naturally = compare();
/** Natural order (`img2` before `img10`); equal-looking names by code unit, so that the order is total. */
const byName = (a: string, b: string): number => naturally(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/**
 * Walks depth first. Holds the names of one folder per level, never the tree.
 * @param root absolute path
 * @throws the system's error when the root itself cannot be listed
 */
export async function* walk(
  root: string,
  signal?: AbortSignal,
  below = '',
): AsyncGenerator<WalkEntry> {
  const entries: { name: string; kind: 'file' | 'symlink' | 'special' | 'folder' }[] = [];
  for await (const entry of await opendir(path.join(root, below))) {
    throwIfAborted(signal);
    const kind = entry.isFile()
      ? 'file'
      : entry.isDirectory()
        ? 'folder'
        : entry.isSymbolicLink()
          ? 'symlink'
          : 'special';
    // Finder, Explorer and macOS archives leave these behind; they are never a user's images.
    if (entry.name.startsWith('._') || entry.name === '__MACOSX') continue;
    entries.push({ name: entry.name, kind });
  }
  entries.sort((a, b) => byName(a.name, b.name));
  for (const { name, kind } of entries) {
    const inside = below === '' ? name : `${below}/${name}`;
    if (kind !== 'folder') yield { kind, path: inside };
    else {
      try {
        yield* walk(root, signal, inside);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        yield { kind: 'unreadable-folder', path: inside, error };
      }
    }
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

/** Sorts names naturally. */
export const naturalSort = (names: Iterable<string>): string[] => [...names].sort(byName);
