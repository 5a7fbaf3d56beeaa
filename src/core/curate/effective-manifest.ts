/** The manifest with the decisions of curation applied: what training and scoring use. */
import { fingerprintOf } from '../datasets/manifest.ts';
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import type { CuratedImages, CurationState } from './replay.ts';

/** Why an image that was taken out is not used. */
export const EXCLUDED_REASON = 'excluded in curation';

/**
 * Excluded images become rows of status `excluded`, relabelled ones get their new class; order and number stay, so
 * that `ok + failed + excluded = discovered`. The fingerprint is that of what is left.
 */
export function effectiveManifest(manifest: Manifest, state: CurationState): Manifest {
  const images = manifest.images.map((image, ordinal): ImageRecord => {
    // An image that cannot be read stays a failure: excluding it changes nothing.
    const excluded = state.excluded[ordinal] === 1 && image.status === 'ok';
    const label = state.relabelled[ordinal]!;
    if (!excluded && label < 0) return image;
    return {
      ...image,
      ...(excluded ? { status: 'excluded' as const, reason: EXCLUDED_REASON } : {}),
      ...(label >= 0 ? { classIndex: label } : {}),
    };
  });
  if (images.every((image, ordinal) => image === manifest.images[ordinal])) return manifest;
  return { ...manifest, images, fingerprint: fingerprintOf(images, manifest.classes) };
}

/** A manifest's images as a replay sees them. */
export function imagesOf(datasetId: string, manifest: Manifest): CuratedImages {
  const { images, classes } = manifest;
  let places: Map<string, number> | null = null;
  return {
    datasetId,
    count: images.length,
    classes,
    sha256Of: (ordinal) => images[ordinal]!.sha256,
    ordinalOf: (path, hint) => {
      if (images[hint]?.path === path) return hint;
      // Made only when the folder has changed since the decision.
      places ??= new Map(images.map((image, ordinal) => [image.path, ordinal]));
      return places.get(path) ?? -1;
    },
  };
}
