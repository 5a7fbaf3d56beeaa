/**
 * IDX files, as MNIST, Fashion-MNIST, KMNIST and EMNIST come: big-endian header, then bytes.
 * Source: the description at the end of LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 */
import { AppError } from '../../errors.ts';
import type { ContainerFile, ContainerImages, ContainerSet } from './container.ts';

const IMAGES = /^(.*?)images?[-._]idx3[-._]ubyte(\.gz)?$/i;
const UNSIGNED_BYTE = 0x08;

/** Whether a file name is that of IDX images. */
export const isIdxImages = (file: string): boolean => IMAGES.test(baseName(file));

/** Finds the IDX image files among `files`, each with its labels. @param files paths below the root */
export function findIdxFiles(files: readonly string[]): ContainerSet {
  const byLowerName = new Map(files.map((file) => [file.toLowerCase(), file]));
  return {
    format: 'idx',
    files: files.filter(isIdxImages).map((file): ContainerFile => {
      const labels = file
        .replace(/images?([-._])idx3/i, (_, separator: string) => `labels${separator}idx1`)
        .toLowerCase();
      const twin = labels.endsWith('.gz') ? labels.slice(0, -3) : `${labels}.gz`;
      return {
        path: file,
        split: splitOf(file),
        labels: byLowerName.get(labels) ?? byLowerName.get(twin) ?? null,
      };
    }),
    classNames:
      files.find((file) => /^(classes|labels|class_names)\.txt$/i.test(baseName(file))) ?? null,
    defaultClasses: [],
  };
}

function splitOf(file: string): ContainerFile['split'] {
  const name = baseName(file).toLowerCase();
  if (name.includes('train')) return 'train';
  if (/t10k|test/.test(name)) return 'test';
  return /val/.test(name) ? 'val' : null;
}

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/**
 * Reads the bytes of an IDX pair (decompressed).
 * @throws AppError `invalid-data` when a header is not that of IDX, or the labels do not fit the images
 */
export function readIdx(
  name: string,
  images: Uint8Array,
  labels: Uint8Array | null,
): ContainerImages {
  const [promised, height, width] = header(name, images, 3) as [number, number, number];
  const size = height * width;
  if (size === 0) throw new AppError('invalid-data', `${name}: its images have no pixels.`);
  const offset = 16;
  const labelCount = labels ? header(`Labels of ${name}`, labels, 1)[0]! : null;
  if (labelCount !== null && labelCount !== promised)
    throw new AppError(
      'invalid-data',
      `${name} holds ${promised} images, but its label file ${labelCount} labels. Fetch the pair again.`,
    );
  const whole = Math.floor((images.length - offset) / size);
  const labelled = labels ? labels.length - 8 : Infinity;
  const stored = (index: number): Uint8Array =>
    images.subarray(offset + index * size, offset + (index + 1) * size);
  return {
    promised,
    available: Math.min(promised, whole, labelled),
    width,
    height,
    label: (index) => labels?.[8 + index] ?? null,
    stored,
    rgb: (index) => {
      const rgb = new Uint8Array(size * 3);
      stored(index).forEach((value, i) => rgb.fill(value, 3 * i, 3 * i + 3));
      return rgb;
    },
  };
}

/** The dimensions of an IDX file of unsigned bytes. */
function header(name: string, bytes: Uint8Array, dimensions: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fits =
    bytes.length >= 4 + 4 * dimensions &&
    view.getUint16(0) === 0 &&
    view.getUint8(2) === UNSIGNED_BYTE &&
    view.getUint8(3) === dimensions;
  if (!fits)
    throw new AppError(
      'invalid-data',
      `${name} is not an IDX file of unsigned bytes with ${dimensions} dimension${dimensions === 1 ? '' : 's'}.`,
    );
  return Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
}
