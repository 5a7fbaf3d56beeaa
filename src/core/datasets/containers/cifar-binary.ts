/**
 * CIFAR-10 and CIFAR-100, "binary version": records of one label byte (CIFAR-100: coarse, then fine) and
 * 3,072 bytes of 32x32 pixels, red plane first. Source: Krizhevsky, the CIFAR-10 and CIFAR-100 datasets.
 */
import type { ContainerFile, ContainerImages, ContainerSet } from './container.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const CIFAR10_FILE = /^(data_batch_\d+|test_batch)\.bin$/i;
const CIFAR100_FILE = /^(train|test)\.bin$/i;
const CIFAR10_CLASSES = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

/** Label bytes before the pixels. */
type LabelBytes = 1 | 2;

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** Whether a file name is that of a CIFAR batch. */
export const isCifarBatch = (file: string): boolean =>
  CIFAR10_FILE.test(baseName(file)) || CIFAR100_FILE.test(baseName(file));

/** Finds the CIFAR batches among `files`. @param files paths below the root */
export function findCifarFiles(files: readonly string[]): ContainerSet {
  const named = (pattern: RegExp): string | null =>
    files.find((file) => pattern.test(baseName(file))) ?? null;
  const tenClasses = files.some((file) => CIFAR10_FILE.test(baseName(file)));
  return {
    format: 'cifar-binary',
    files: files.filter(isCifarBatch).map((file): ContainerFile => {
      const split = baseName(file).toLowerCase().startsWith('test') ? 'test' : 'train';
      return { path: file, split, labels: null };
    }),
    classNames: named(/^(batches\.meta|fine_label_names|classes)\.txt$/i),
    defaultClasses: tenClasses ? CIFAR10_CLASSES : [],
  };
}

/** @param name path of the file, which tells CIFAR-10 from CIFAR-100 */
export function readCifar(name: string, bytes: Uint8Array): ContainerImages {
  const labelBytes: LabelBytes = CIFAR100_FILE.test(baseName(name)) ? 2 : 1;
  const record = labelBytes + 3 * PLANE;
  const available = Math.floor(bytes.length / record);
  const stored = (index: number): Uint8Array =>
    bytes.subarray(index * record + labelBytes, (index + 1) * record);
  return {
    promised: Math.ceil(bytes.length / record),
    available,
    width: SIDE,
    height: SIDE,
    // CIFAR-100: the fine label is the second byte.
    label: (index) => bytes[index * record + labelBytes - 1]!,
    stored,
    rgb: (index) => {
      const planes = stored(index);
      const rgb = new Uint8Array(3 * PLANE);
      for (let i = 0; i < PLANE; i++)
        for (let c = 0; c < 3; c++) rgb[3 * i + c] = planes[c * PLANE + i]!;
      return rgb;
    },
  };
}
