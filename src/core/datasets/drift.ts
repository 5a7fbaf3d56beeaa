/** What a new scan of a folder found to be different. */
import { splitNamed } from './layout.ts';
import { fingerprintOf } from './manifest.ts';
import type { ImageRecord, Manifest } from './types.ts';

/** Paths in the order of the manifests. */
export interface Drift {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Same path, other bytes. */
  readonly changed: readonly string[];
}

/** Compares by path and SHA-256. */
export function driftBetween(
  before: readonly Pick<ImageRecord, 'path' | 'sha256'>[],
  after: readonly Pick<ImageRecord, 'path' | 'sha256'>[],
): Drift {
  const known = new Map(before.map(({ path, sha256 }) => [path, sha256]));
  const added: string[] = [];
  const changed: string[] = [];
  for (const { path, sha256 } of after) {
    const old = known.get(path);
    if (old === undefined) added.push(path);
    else if (old !== sha256) changed.push(path);
    known.delete(path);
  }
  return { added, removed: [...known.keys()], changed };
}

/**
 * Leaves every image that was there before in its split, so that no test image becomes a training image only because
 * others were added. Images that are new keep the split that was drawn for them.
 */
export function keepSplits(before: Manifest, after: Manifest): Manifest {
  const sameWay =
    before.splitSource === after.splitSource &&
    before.splitSeed === after.splitSeed &&
    drawnSplits(before) === drawnSplits(after);
  if (!sameWay) return after;
  const known = new Map(before.images.map((image) => [image.path, image]));
  const images = after.images.map((image) => {
    const old = known.get(image.path);
    const stays = old?.sha256 === image.sha256 && old.split !== null && image.split !== null;
    return stays && old.split !== image.split ? { ...image, split: old.split } : image;
  });
  return { ...after, images, fingerprint: fingerprintOf(images, after.classes) };
}

/** Which splits were drawn by seed, of a set whose folders give some. */
function drawnSplits({ splitSource, images }: Manifest): string {
  if (splitSource !== 'folders') return '';
  const drawn = new Set(
    images.flatMap(({ path, split }) =>
      split !== null && splitNamed(path.split('/')[0]!) === 'train' && split !== 'train'
        ? [split]
        : [],
    ),
  );
  return [...drawn].sort().join(' ');
}
