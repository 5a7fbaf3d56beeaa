/** What passes between the decoding pool and its worker threads. */
import type { Measurement } from '../datasets/analyse/measurements.ts';
import type { ImageSize } from './open-image.ts';
import type { DecodeSpec } from './types.ts';

export type DecodeJob =
  /** Size, hash, and whether it decodes; with `measure` also what its pixels are like. */
  | { readonly kind: 'inspect'; readonly file: string; readonly measure?: boolean }
  /** What pixels are like that are decoded already. */
  | {
      readonly kind: 'measure';
      readonly rgb: Uint8Array;
      readonly width: number;
      readonly height: number;
    }
  /** A small picture to show, see `thumbnail.ts`. */
  | {
      readonly kind: 'thumbnail';
      /** Absolute path, or pixels that are decoded already. */
      readonly source:
        | { readonly file: string; readonly sha256: string; readonly root: string }
        | { readonly rgb: Uint8Array; readonly width: number; readonly height: number };
      readonly side: number;
    }
  /** Pixels of a file whose bytes must still have this hash. */
  | {
      readonly kind: 'decode';
      readonly file: string;
      readonly sha256: string;
      /** From the scan of the same bytes. */
      readonly size: ImageSize;
      readonly spec: DecodeSpec;
    }
  /** Pixels that are decoded already, to another size. */
  | {
      readonly kind: 'resize';
      readonly rgb: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly spec: DecodeSpec;
    };

export interface InspectAnswer {
  readonly kind: 'inspected';
  readonly bytes: number;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** '' when the image decodes. */
  readonly reason: string;
  /** When it was asked for and the image decodes. */
  readonly measurement?: Measurement;
}

export type DecodeAnswer =
  | InspectAnswer
  | { readonly kind: 'pixels'; readonly pixels: Uint8Array }
  | { readonly kind: 'measured'; readonly measurement: Measurement }
  /** A WebP file. */
  | { readonly kind: 'thumbnail'; readonly webp: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string };
