/** What passes between the decoding pool and its worker threads. */
import type { ImageSize } from './open-image.ts';
import type { DecodeSpec } from './types.ts';

export type DecodeJob =
  /** Size, hash, and whether it decodes. */
  | { readonly kind: 'inspect'; readonly file: string }
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
}

export type DecodeAnswer =
  | InspectAnswer
  | { readonly kind: 'pixels'; readonly pixels: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string };
