/** One number per image in a file that carries its own hash, for scores that take long to compute. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256Hex } from '../sha256.ts';
import { writeFileAtomic } from './atomic.ts';

const HASH_BYTES = 32;

/** @throws AppError `no-space`, `unreadable` */
export async function writeColumn(path: string, column: Float64Array): Promise<void> {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  const file = new Uint8Array(HASH_BYTES + bytes.length);
  file.set(Buffer.from(sha256Hex(bytes), 'hex'));
  file.set(bytes, HASH_BYTES);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, file);
}

/** @returns null when the file is not there, damaged, or of another number of images */
export async function readColumn(path: string, count: number): Promise<Float64Array | null> {
  const file = await readFile(path).catch(() => null);
  if (file?.length !== HASH_BYTES + 8 * count) return null;
  const bytes = new Uint8Array(file.subarray(HASH_BYTES));
  if (sha256Hex(bytes) !== file.subarray(0, HASH_BYTES).toString('hex')) return null;
  return new Float64Array(bytes.buffer);
}
