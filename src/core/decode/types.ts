/** Decoded pixels and how they were made. */
import type { PixelBlock } from './pixel-block.ts';

/** How an image of another size or aspect becomes `size` x `size`. Recorded with every model. */
export type ResizeMode = 'stretch' | 'center-crop' | 'pad';

/** Everything that decides the pixels a network sees. Part of a model and of the cache key. */
export interface DecodeSpec {
  /** Height and width of the square input, in pixels. */
  readonly size: number;
  readonly resize: ResizeMode;
}

export interface DecodeFailure {
  /** Index into the list of images asked for. */
  readonly index: number;
  readonly path: string;
  readonly reason: string;
}

export interface DecodedSet {
  readonly block: PixelBlock;
  /** For each row of `block`, the index into the list of images asked for (failed images have no row). */
  readonly rows: Int32Array;
  readonly failures: readonly DecodeFailure[];
}

/** Per-channel statistics of RGB in [0, 1], computed on the training split and stored in the model. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}
