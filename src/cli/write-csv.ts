/** A CSV file where the user wants it. */
import { mkdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../core/errors.ts';
import { writeFileAtomic } from '../core/store/atomic.ts';
import { diskError } from '../core/store/disk-errors.ts';

/**
 * Writes all lines or none, making the folders on the way. A pipe or device (`/dev/stdout`) is written to, not replaced.
 * @throws AppError `no-space`, `unreadable`, or `invalid-data` when a folder or file is in the way
 */
export async function writeCsv(file: string, lines: Iterable<string>): Promise<void> {
  const target = path.resolve(file);
  const text = [...lines].join('');
  const there = statSync(target, { throwIfNoEntry: false });
  if (there?.isDirectory())
    throw new AppError('invalid-data', `${target} is a folder. Name a file for --csv.`);
  try {
    if (there && !there.isFile()) await writeFile(target, text);
    else {
      mkdirSync(path.dirname(target), { recursive: true });
      await writeFileAtomic(target, text);
    }
  } catch (error) {
    throw diskError(error, target, Buffer.byteLength(text));
  }
}
