/** Derived from a manifest: fingerprint, totals, CSV. */
import { createHash } from 'node:crypto';
import { toCsv } from '../csv.ts';
import type { ImageRecord, Manifest } from './types.ts';

/** SHA-256 over (path, sha256, class, split) of the `ok` images in order: same data, same fingerprint. */
export function fingerprintOf(images: readonly ImageRecord[], classes: readonly string[]): string {
  const hash = createHash('sha256');
  for (const { status, path, sha256, classIndex, split } of images) {
    if (status !== 'ok') continue;
    const label = classIndex === null ? '' : classes[classIndex]!;
    hash.update(`${path}\0${sha256}\0${label}\0${split ?? ''}\n`);
  }
  return hash.digest('hex');
}

const COLUMNS = [
  'path',
  'class',
  'split',
  'status',
  'reason',
  'bytes',
  'width',
  'height',
  'sha256',
] as const;

/** Every row of the manifest as CSV (RFC 4180), with a header. */
export function manifestToCsv({ images, classes }: Manifest): Generator<string> {
  return toCsv([...COLUMNS], rowsOf(images, classes));
}

function* rowsOf(images: readonly ImageRecord[], classes: readonly string[]) {
  for (const { path, classIndex, split, status, reason, bytes, width, height, sha256 } of images)
    yield [
      path,
      classIndex === null ? '' : classes[classIndex]!,
      split ?? '',
      status,
      reason,
      bytes,
      width,
      height,
      sha256,
    ];
}
