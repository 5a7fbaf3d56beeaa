/** Images of a manifest as pixels, with what is known of each row. */
import { decodeSet, type ImageSource } from '../decode/decode-set.ts';
import type { DecodeFailure, DecodeSpec } from '../decode/types.ts';
import type { PixelBlock } from '../decode/pixel-block.ts';
import type { ImageRecord, Manifest, Split } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import type { ProgressListener } from '../progress.ts';
import type { LabelledImages } from '../train/batches.ts';

export interface LoadOptions {
  readonly cacheDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Decoded images; row i of `block` is `records[i]`. */
export interface LoadedImages {
  readonly block: PixelBlock;
  readonly records: readonly ImageRecord[];
  /** Readable at the scan, but not any more. */
  readonly failures: readonly DecodeFailure[];
}

/** The manifest's usable images, of one split or of all. */
export const usableImages = (manifest: Manifest, split: Split | null): readonly ImageRecord[] =>
  manifest.images.filter(
    (image) => image.status === 'ok' && (split === null || image.split === split),
  );

/** @throws AppError `invalid-data` when no image is left */
export async function loadImages(
  manifest: ImageSource,
  images: readonly ImageRecord[],
  spec: DecodeSpec,
  options: LoadOptions,
): Promise<LoadedImages> {
  const loaded = await decodeImages(manifest, images, spec, options);
  if (loaded.block.count === 0) throw noImages(manifest, loaded.failures);
  return loaded;
}

/** For a set of which no image could be read. */
export const noImages = (
  { name, root }: ImageSource,
  failures: readonly DecodeFailure[],
): AppError =>
  new AppError('invalid-data', `${name}: no image could be read. Scan the folder again: ${root}`, {
    details: { failures: failures.slice(0, 10) },
  });

/** Like `loadImages`, but a part of a set may be unreadable as a whole. */
export async function decodeImages(
  manifest: ImageSource,
  images: readonly ImageRecord[],
  spec: DecodeSpec,
  { cacheDir, signal, onProgress }: LoadOptions,
): Promise<LoadedImages> {
  const { block, rows, failures } = await decodeSet(manifest, images, spec, {
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  return { block, records: Array.from(rows, (row) => images[row]!), failures };
}

/** The class index of every row. */
export function labelled({ block, records }: LoadedImages): LabelledImages {
  const labels = Int32Array.from(records, ({ classIndex, path }) => {
    if (classIndex === null)
      throw new AppError(
        'invalid-data',
        `${path} has no class, so it cannot be used for training.`,
      );
    return classIndex;
  });
  return { block, labels };
}
