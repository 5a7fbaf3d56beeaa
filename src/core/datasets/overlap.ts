/** Images that two sets share. */
import type { ImageRecord } from './types.ts';

/** A pair of equal bytes. */
export interface ExactDuplicate {
  readonly sha256: string;
  /** Path of the first image in `a` with these bytes. */
  readonly a: string;
  /** Path of the image in `b`. */
  readonly b: string;
}

/**
 * Images of `b` whose bytes (SHA-256) also occur in `a`; one entry per image of `b`. Rows that are not `ok`
 * do not count.
 */
export function findExactDuplicates(
  a: readonly ImageRecord[],
  b: readonly ImageRecord[],
): ExactDuplicate[] {
  const known = new Map<string, string>();
  for (const { status, sha256, path } of a)
    if (status === 'ok' && !known.has(sha256)) known.set(sha256, path);
  return b.flatMap(({ status, sha256, path }) => {
    const twin = status === 'ok' ? known.get(sha256) : undefined;
    return twin === undefined ? [] : [{ sha256, a: twin, b: path }];
  });
}
