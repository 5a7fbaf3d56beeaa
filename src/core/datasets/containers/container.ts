/** Files that hold many images: CIFAR binary batches and IDX (MNIST family). */
import type { DatasetFormat, Split } from '../types.ts';

/** One file of images and what its name says of it. */
export interface ContainerFile {
  /** Below the root, with `/`. */
  readonly path: string;
  readonly split: Split | null;
  /** IDX: the file with the labels, when there is one. */
  readonly labels: string | null;
}

/** A container set found in a folder. */
export interface ContainerSet {
  readonly format: Exclude<DatasetFormat, 'folder'>;
  readonly files: readonly ContainerFile[];
  /** Text file with one class name per line, when there is one. */
  readonly classNames: string | null;
  /** Names to use where `classNames` is null; IDX numbers its classes instead. */
  readonly defaultClasses: readonly string[];
}

/** Images of one container file, all of one size. */
export interface ContainerImages {
  /** Images that the file promises. */
  readonly promised: number;
  /** Images that are wholly there. */
  readonly available: number;
  readonly width: number;
  readonly height: number;
  /** Class number, or null without labels. */
  label(index: number): number | null;
  /** The stored bytes of one image, a view. */
  stored(index: number): Uint8Array;
  /** Pixels `[height, width, 3]`, RGB8, in memory of their own. */
  rgb(index: number): Uint8Array;
}

/** How one image of a container is named in a manifest: `file#index`. */
export const containerPath = (file: string, index: number): string => `${file}#${index}`;

/** @returns the file and the index within it */
export function parseContainerPath(path: string): {
  readonly file: string;
  readonly index: number;
} {
  const at = path.lastIndexOf('#');
  return { file: path.slice(0, at), index: Number(path.slice(at + 1)) };
}
