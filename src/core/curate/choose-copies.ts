/** Which image of a group of copies stays. */
import type { Split } from '../datasets/types.ts';

/** What the choice looks at. */
export interface Copy {
  readonly datasetId: string;
  readonly ordinal: number;
  readonly role: 'id' | 'ood';
  readonly split: Split | null;
  readonly pixels: number;
}

const SPLIT_RANK: Readonly<Record<Split, number>> = { test: 0, val: 1, train: 2 };

/**
 * All but the one that stays: of an ID and an OOD copy the ID one, because what is in the ID set is not OOD; of
 * splits test before val before train, so that results stay those of the same test images; then the one with the
 * most pixels; then the first.
 */
export function copiesToExclude(group: readonly Copy[]): readonly Copy[] {
  const rank = ({ role, split, pixels, ordinal }: Copy): readonly number[] => [
    role === 'id' ? 0 : 1,
    split === null ? 3 : SPLIT_RANK[split],
    -pixels,
    ordinal,
  ];
  const ranked = group.toSorted((a, b) => {
    const x = rank(a);
    const y = rank(b);
    const at = x.findIndex((value, i) => value !== y[i]);
    return at < 0 ? 0 : x[at]! - y[at]!;
  });
  return ranked.slice(1);
}
