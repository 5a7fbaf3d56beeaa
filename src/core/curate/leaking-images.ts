/** Which images leak, and which side goes: the tested one, never the one that was trained on. */
import { SAME_BYTES, type Analysis, type SharedPair } from '../datasets/analyse/analyse.ts';
import type { AnalysedSet } from '../datasets/analyse/findings.ts';
import { ALONE } from '../datasets/analyse/groups.ts';
import type { Split } from '../datasets/types.ts';

/** An image that is in another part too. */
export interface LeakingImage {
  readonly datasetId: string;
  readonly ordinal: number;
  /** `exact`: the same bytes; `near`: it looks alike. */
  readonly kind: 'exact' | 'near';
  /** e.g. `cifar10 (train) and cifar10 (test)`. */
  readonly between: string;
  /** The image that stays. */
  readonly sameAs: { readonly datasetId: string; readonly ordinal: number };
}

/** Splits that one image must not be in at once; the image of the second one goes. */
const SPLIT_PAIRS: readonly (readonly [Split, Split])[] = [
  ['train', 'test'],
  ['train', 'val'],
  ['val', 'test'],
];

/**
 * Images of the test and validation splits that are in an earlier split too. What was trained on stays. Each image is
 * named once, with the strongest reason.
 */
export function leaksWithinSet(set: AnalysedSet, analysis: Analysis): readonly LeakingImage[] {
  const found = new Map<number, LeakingImage>();
  for (const [kind, groups] of [
    ['exact', analysis.exactGroups],
    ['near', analysis.nearGroups],
  ] as const) {
    const firstOf = firstPerGroupAndSplit(set, groups);
    for (const [stays, goes] of SPLIT_PAIRS)
      for (let ordinal = 0; ordinal < set.count; ordinal++) {
        const group = groups[ordinal]!;
        if (group === ALONE || found.has(ordinal)) continue;
        if (set.split(ordinal) !== goes || !set.inUse(ordinal)) continue;
        const same = firstOf.get(`${group} ${stays}`);
        // An image that goes itself is no reason for another one to go.
        if (same === undefined || found.has(same)) continue;
        found.set(ordinal, {
          datasetId: set.datasetId,
          ordinal,
          kind,
          between: `${set.name} (${stays}) and ${set.name} (${goes})`,
          sameAs: { datasetId: set.datasetId, ordinal: same },
        });
      }
  }
  return [...found.values()];
}

function firstPerGroupAndSplit(set: AnalysedSet, groups: Int32Array): Map<string, number> {
  const first = new Map<string, number>();
  for (const [ordinal, group] of groups.entries()) {
    const split = set.split(ordinal);
    if (group === ALONE || split === null || !set.inUse(ordinal)) continue;
    const key = `${group} ${split}`;
    if (!first.has(key)) first.set(key, ordinal);
  }
  return first;
}

/** Images of an OOD set that are in an ID set too, whichever split they are in there: the OOD image goes. */
export function leaksIntoOod(
  id: AnalysedSet,
  ood: AnalysedSet,
  /** `first` belongs to the ID set. */
  pairs: readonly SharedPair[],
): readonly LeakingImage[] {
  const found = new Map<number, LeakingImage>();
  const exactFirst = pairs.toSorted((a, b) => Number(b.bits === SAME_BYTES) - Number(a.bits === SAME_BYTES)); // prettier-ignore
  for (const { first, second, bits } of exactFirst) {
    if (found.has(second) || !id.inUse(first) || !ood.inUse(second)) continue;
    found.set(second, {
      datasetId: ood.datasetId,
      ordinal: second,
      kind: bits === SAME_BYTES ? 'exact' : 'near',
      between: `${id.name} and ${ood.name}`,
      sameAs: { datasetId: id.datasetId, ordinal: first },
    });
  }
  return [...found.values()];
}
