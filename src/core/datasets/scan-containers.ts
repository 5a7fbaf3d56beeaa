/** A folder of CIFAR binary batches or IDX files. */
import { setImmediate } from 'node:timers/promises';
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { PhaseReporter } from '../progress.ts';
import { sha256Hex } from '../sha256.ts';
import {
  containerPath,
  type ContainerFile,
  type ContainerImages,
  type ContainerSet,
} from './containers/container.ts';
import { readClassNames, readContainer } from './containers/read-container.ts';
import { emptyRecord, type Scan, type Scanned } from './scanning.ts';
import type { ImageRecord } from './types.ts';

/** Images between two looks at the abort signal. */
const YIELD_EVERY = 2000;

/** Reads every container once. A container that cannot be used is one row; a cut one loses its tail. */
export async function scanContainers(
  { root, name, role, options }: Scan,
  set: ContainerSet,
): Promise<Scanned> {
  const { signal, onProgress: listener } = options;
  const { format, files } = set;
  const images: ImageRecord[] = [];
  for (const [i, file] of files.entries()) {
    const from = i / files.length;
    const to = (i + 1) / files.length;
    const report = (total: number) =>
      new PhaseReporter({ phase: `Scan ${name}`, total, unit: 'images', from, to, listener });
    let container: ContainerImages;
    try {
      container = await readContainer(root, format, file);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      images.push({ ...emptyRecord(file.path), reason: messageOf(error) });
      continue;
    }
    const reporter = report(container.promised);
    for (let index = 0; index < container.promised; index++) {
      images.push(recordOf(file, container, index));
      if (index % YIELD_EVERY > 0) continue;
      reporter.report(index);
      throwIfAborted(signal);
      await setImmediate();
    }
    reporter.report(container.promised);
  }
  const labelled = images.some(({ classIndex }) => classIndex !== null);
  if (role === 'ood' || (role === 'auto' && !labelled)) {
    const unlabelled = images.map((image) => ({ ...image, classIndex: null, split: null }));
    return { format, role: 'ood', classes: [], images: unlabelled, foldersGiveSplits: false };
  }
  const classes = await classesOf(root, set, images);
  const foldersGiveSplits = files.every(({ split }) => split !== null);
  return { format, role: 'id', classes, images, foldersGiveSplits };
}

function recordOf(file: ContainerFile, container: ContainerImages, index: number): ImageRecord {
  const { path, split } = file;
  const placed = { ...emptyRecord(containerPath(path, index)), split };
  if (index >= container.available) return { ...placed, reason: `${path} ends before this image` };
  const stored = container.stored(index);
  return {
    ...placed,
    classIndex: container.label(index),
    bytes: stored.length,
    width: container.width,
    height: container.height,
    sha256: sha256Hex(stored),
    status: 'ok',
  };
}

/** Names of the classes; numbers where nobody gave names. */
async function classesOf(
  root: string,
  { classNames, defaultClasses }: ContainerSet,
  images: readonly ImageRecord[],
): Promise<string[]> {
  const named = classNames === null ? [...defaultClasses] : await readClassNames(root, classNames);
  const highest = images.reduce((most, { classIndex }) => Math.max(most, classIndex ?? -1), -1);
  if (named.length > 0 && highest >= named.length)
    throw new AppError(
      'invalid-data',
      `${root}: ${classNames ?? 'CIFAR-10'} names ${named.length} classes, but an image has the class number ${highest}. Add the missing names.`,
    );
  return named.length > 0 ? named : Array.from({ length: highest + 1 }, (_, i) => String(i));
}
