/** What an analysis means for the images that are in use: counts for cards, groups for lists. */
import type { Split } from '../types.ts';
import { SAME_BYTES, type Analysis, type SharedPair } from './analyse.ts';
import { FLAGS, flagsIn, type Flag } from './flags.ts';
import { ALONE, membersOf } from './groups.ts';

/** A dataset as findings are told about it. */
export interface AnalysedSet {
  readonly datasetId: string;
  readonly name: string;
  readonly role: 'id' | 'ood';
  readonly count: number;
  /** Whether an image is readable and not excluded: others have no part in any finding. */
  inUse(ordinal: number): boolean;
  split(ordinal: number): Split | null;
}

/** Images that two parts have in common, counted in the second part. */
export interface Leak {
  /** e.g. `train / test`, `fashion (test) / textures`. */
  readonly between: string;
  /** Null within one set. */
  readonly otherDatasetId: string | null;
  readonly exact: number;
  readonly near: number;
}

export interface Findings {
  /** Copies of equal bytes, the first of each not counted. */
  readonly exactDuplicates: number;
  /** Images that look like another one without being the same file, the first of each group not counted. */
  readonly nearDuplicates: number;
  readonly flagged: number;
  readonly flags: readonly { readonly flag: Flag; readonly count: number }[];
  readonly leaks: readonly Leak[];
}

/** What a set shares with another. `first` of the pairs belongs to the set that is told about. */
export interface SharedWith {
  readonly other: AnalysedSet;
  readonly pairs: readonly SharedPair[];
}

/** A group for a list: images of one set, or of two. */
export interface FoundGroup {
  readonly title: string;
  readonly images: readonly {
    readonly datasetId: string;
    readonly ordinal: number;
    readonly note: string;
  }[];
}

const SPLIT_PAIRS: readonly (readonly [Split, Split])[] = [
  ['train', 'val'],
  ['train', 'test'],
  ['val', 'test'],
];

/** Counts over the images in use. */
export function findingsOf(
  set: AnalysedSet,
  analysis: Analysis,
  shared: readonly SharedWith[],
): Findings {
  const counts = FLAGS.map(() => 0);
  let flagged = 0;
  for (let i = 0; i < set.count; i++) {
    if (analysis.flags[i] === 0 || !set.inUse(i)) continue;
    flagged++;
    for (const flag of flagsIn(analysis.flags[i]!)) counts[FLAGS.indexOf(flag)]!++;
  }
  return {
    exactDuplicates: surplus(exactMembers(set, analysis)),
    nearDuplicates: surplus(nearMembers(set, analysis)),
    flagged,
    flags: FLAGS.map((flag, i) => ({ flag, count: counts[i]! })).filter(({ count }) => count > 0),
    leaks: [...leaksWithin(set, analysis), ...shared.flatMap((one) => leaksBetween(set, one))],
  };
}

const surplus = (groups: readonly (readonly number[])[]): number =>
  groups.reduce((sum, group) => sum + group.length - 1, 0);

/** Groups of equal bytes, of images in use. */
const exactMembers = (set: AnalysedSet, { exactGroups }: Analysis): number[][] =>
  inUseOnly(set, membersOf(exactGroups));

/** Groups of images that look alike, of each content one. */
function nearMembers(set: AnalysedSet, { exactGroups, nearGroups }: Analysis): number[][] {
  const groups = membersOf(nearGroups).map((group) => {
    const seen = new Set<number>();
    return group.filter((i) => {
      const content = exactGroups[i]!;
      if (!set.inUse(i) || (content !== ALONE && seen.has(content))) return false;
      seen.add(content);
      return true;
    });
  });
  return groups.filter(({ length }) => length > 1);
}

const inUseOnly = (set: AnalysedSet, groups: readonly number[][]): number[][] =>
  groups.map((group) => group.filter((i) => set.inUse(i))).filter(({ length }) => length > 1);

function leaksWithin(set: AnalysedSet, { exactGroups, nearGroups }: Analysis): Leak[] {
  const exact = partsOf(set, exactGroups);
  const near = partsOf(set, nearGroups);
  return SPLIT_PAIRS.map(([a, b]): Leak => {
    const leak = { exact: 0, near: 0 };
    for (let i = 0; i < set.count; i++) {
      if (set.split(i) !== b || !set.inUse(i)) continue;
      if (exact[exactGroups[i]!]?.has(a)) leak.exact++;
      else if (near[nearGroups[i]!]?.has(a)) leak.near++;
    }
    return { between: `${a} / ${b}`, otherDatasetId: null, ...leak };
  }).filter(({ exact: e, near: n }) => e + n > 0);
}

/** Which splits each group has images of. */
function partsOf(set: AnalysedSet, groups: Int32Array): Set<Split | null>[] {
  const parts: Set<Split | null>[] = [];
  for (const [i, group] of groups.entries())
    if (group !== ALONE && set.inUse(i)) (parts[group] ??= new Set()).add(set.split(i));
  return parts;
}

/** One line per pair of parts; the ID set is named first. */
function leaksBetween(set: AnalysedSet, { other, pairs }: SharedWith): Leak[] {
  const found = new Map<string, { exact: Set<number>; near: Set<number> }>();
  for (const { first, second, bits } of pairs) {
    if (!set.inUse(first) || !other.inUse(second)) continue;
    const here = partName(set, first);
    const there = partName(other, second);
    const between =
      set.role === 'ood' && other.role === 'id' ? `${there} / ${here}` : `${here} / ${there}`;
    const leak = found.get(between) ?? { exact: new Set(), near: new Set() };
    leak[bits === SAME_BYTES ? 'exact' : 'near'].add(second);
    found.set(between, leak);
  }
  return [...found].map(([between, { exact, near }]) => ({
    between,
    otherDatasetId: other.datasetId,
    exact: exact.size,
    near: [...near].filter((ordinal) => !exact.has(ordinal)).length,
  }));
}

function partName(set: AnalysedSet, ordinal: number): string {
  const split = set.split(ordinal);
  return split === null ? set.name : `${set.name} (${split})`;
}

/** Groups of equal bytes. */
export const exactDuplicateGroups = (set: AnalysedSet, analysis: Analysis): FoundGroup[] =>
  exactMembers(set, analysis).map((group) =>
    groupOf(set, `${group.length} copies of the same file`, group),
  );

/** Groups of images that look alike, with every copy of equal bytes. */
export const nearDuplicateGroups = (set: AnalysedSet, analysis: Analysis): FoundGroup[] =>
  inUseOnly(set, membersOf(analysis.nearGroups)).map((group) =>
    groupOf(set, `${group.length} images that look alike`, group),
  );

/** Flagged images, each alone. */
export function flaggedImages(set: AnalysedSet, { flags }: Analysis): FoundGroup[] {
  const groups: FoundGroup[] = [];
  for (let i = 0; i < set.count; i++) {
    if (flags[i] === 0 || !set.inUse(i)) continue;
    const title = flagsIn(flags[i]!).join(', ');
    groups.push({ title, images: [{ datasetId: set.datasetId, ordinal: i, note: title }] });
  }
  return groups;
}

/** Groups that cross splits, then pairs that cross datasets. */
export function leakageGroups(
  set: AnalysedSet,
  analysis: Analysis,
  shared: readonly SharedWith[],
): FoundGroup[] {
  const crossing = (groups: Int32Array, kind: string): FoundGroup[] =>
    inUseOnly(set, membersOf(groups)).flatMap((group) => {
      const parts = [...new Set(group.map((i) => set.split(i) ?? 'no split'))];
      return parts.length < 2 ? [] : [groupOf(set, `${kind} in ${parts.join(' and ')}`, group)];
    });
  const exact = crossing(analysis.exactGroups, 'Same file');
  const alreadyTold = new Set(exact.flatMap(({ images }) => images.map(({ ordinal }) => ordinal)));
  const near = crossing(analysis.nearGroups, 'Alike').filter(({ images }) =>
    images.some(({ ordinal }) => !alreadyTold.has(ordinal)),
  );
  const between = shared.flatMap(({ other, pairs }) =>
    pairs
      .filter(({ first, second }) => set.inUse(first) && other.inUse(second))
      .map(({ first, second, bits }): FoundGroup => {
        const kind = bits === SAME_BYTES ? 'Same file' : 'Alike';
        return {
          title: `${kind} in ${partName(set, first)} and ${partName(other, second)}`,
          images: [
            { datasetId: set.datasetId, ordinal: first, note: partName(set, first) },
            { datasetId: other.datasetId, ordinal: second, note: partName(other, second) },
          ],
        };
      }),
  );
  return [...exact, ...near, ...between];
}

const groupOf = (set: AnalysedSet, title: string, group: readonly number[]): FoundGroup => ({
  title,
  images: group.map((ordinal) => ({
    datasetId: set.datasetId,
    ordinal,
    note: set.split(ordinal) ?? '',
  })),
});
