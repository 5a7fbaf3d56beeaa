/** A first guess whether an OOD set is near or far; a person may change it. */
import { FLAG_LIMITS } from './flags.ts';
import { qualityOf, type Measurements } from './measurements.ts';

/** What the guess looks at. */
export interface Look {
  /** Median of `sqrt(width * height)` in pixels. */
  readonly side: number;
  /** Whether most images have colour. */
  readonly colour: boolean;
  /** Median entropy of the grey levels, in bits. */
  readonly entropy: number;
}

/** Sides and entropies up to which two sets look alike. */
const SIDE_FACTOR = 2;
const ENTROPY_BITS = 1;

/** @returns null when nothing was measured */
export function lookOfSet(
  images: readonly { readonly width: number; readonly height: number }[],
  columns: Measurements,
): Look | null {
  const rows = [...images.keys()].filter((i) => columns.measured[i] === 1);
  if (rows.length === 0) return null;
  const median = (of: (i: number) => number): number =>
    Float64Array.from(rows, of).sort()[Math.floor(rows.length / 2)]!;
  return {
    side: median((i) => Math.sqrt(images[i]!.width * images[i]!.height)),
    colour: median((i) => qualityOf(columns, i, 'colourSpread')) > FLAG_LIMITS.greySpread,
    entropy: median((i) => qualityOf(columns, i, 'entropy')),
  };
}

/**
 * `near` when a set looks like one of the ID sets from outside: colour or grey as it is, sides within a factor of
 * two, entropy within one bit. What is on the images is not looked at; OpenOOD's near and far are about that.
 * @returns null when there is nothing to compare with
 */
export function guessNearFar(
  ood: Look | null,
  ids: readonly (Look | null)[],
): 'near' | 'far' | null {
  const known = ids.filter((look) => look !== null);
  if (!ood || known.length === 0) return null;
  const alike = known.some(
    (id) =>
      id.colour === ood.colour &&
      Math.max(id.side / ood.side, ood.side / id.side) <= SIDE_FACTOR &&
      Math.abs(id.entropy - ood.entropy) <= ENTROPY_BITS,
  );
  return alike ? 'near' : 'far';
}
