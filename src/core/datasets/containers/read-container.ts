/** Reads container files from disk. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError, messageOf } from '../../errors.ts';
import { findCifarFiles, isCifarBatch, readCifar } from './cifar-binary.ts';
import type { ContainerFile, ContainerImages, ContainerSet } from './container.ts';
import { findIdxFiles, isIdxImages, readIdx } from './idx.ts';

/** Largest container that is read into memory: EMNIST by class, the largest common one, is 0.6 GB. */
const LARGEST_BYTES = 2 ** 31;
const unzip = promisify(gunzip);

/** The container set among a folder's files, or null when it holds none. @param files paths below the root */
export function findContainers(files: readonly string[]): ContainerSet | null {
  if (files.some(isIdxImages)) return findIdxFiles(files);
  if (files.some(isCifarBatch)) return findCifarFiles(files);
  return null;
}

/** @throws AppError `invalid-data` or `unreadable` when the file, or its labels, cannot be used at all */
export async function readContainer(
  root: string,
  format: ContainerSet['format'],
  { path: file, labels }: ContainerFile,
): Promise<ContainerImages> {
  const images = await readBytes(root, file);
  if (format === 'cifar-binary') return readCifar(file, images);
  return readIdx(file, images, labels === null ? null : await readBytes(root, labels));
}

async function readBytes(root: string, file: string): Promise<Uint8Array> {
  const absolute = path.join(root, file);
  let bytes: Uint8Array;
  try {
    const { size } = await stat(absolute);
    if (size > LARGEST_BYTES)
      throw new AppError('invalid-data', `${file} is larger than 2 GiB. Split it.`);
    bytes = await readFile(absolute);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('unreadable', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (!file.toLowerCase().endsWith('.gz')) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: LARGEST_BYTES });
  } catch (cause) {
    throw new AppError('invalid-data', `${file} is a damaged gzip file: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Class names from a text file, one per line; empty lines are left out. */
export async function readClassNames(root: string, file: string): Promise<string[]> {
  const text = await readFile(path.join(root, file), 'utf8');
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Finds the containers of a folder again, and opens them by the path that a manifest gave. */
export async function openContainers(
  root: string,
  format: ContainerSet['format'],
): Promise<(file: string) => Promise<ContainerImages>> {
  const files = (await readdir(root, { recursive: true })).map((file) =>
    file.split(path.sep).join('/'),
  );
  const found = findContainers(files)?.files ?? [];
  return (file) => {
    const container = found.find((candidate) => candidate.path === file);
    if (!container) throw new AppError('not-found', `${file} is gone.`);
    return readContainer(root, format, container);
  };
}
