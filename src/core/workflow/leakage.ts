/** Images that are in two places at once, by their bytes. */
import type { Audit } from '../report/audit.ts';

/** SHA-256 of the usable images of each part. */
export interface HashedParts {
  readonly train: readonly string[];
  readonly val: readonly string[];
  readonly test: readonly string[];
  /** Every ID image, of a split or not. */
  readonly all: readonly string[];
  readonly ood: readonly { readonly name: string; readonly hashes: readonly string[] }[];
}

/** Exact duplicates between what was trained on and what is tested on: images of the second whose bytes are in the first. */
export function leakage({ train, val, test, all, ood }: HashedParts): Audit['leakage'] {
  const everything = new Set(all);
  return [
    { between: 'ID train and ID test', images: countIn(new Set(train), test) },
    { between: 'ID val and ID test', images: countIn(new Set(val), test) },
    ...ood.map(({ name, hashes }) => ({
      between: `ID and ${name}`,
      images: countIn(everything, hashes),
    })),
  ];
}

const countIn = (known: ReadonlySet<string>, hashes: readonly string[]): number =>
  hashes.reduce((n, hash) => (known.has(hash) ? n + 1 : n), 0);
