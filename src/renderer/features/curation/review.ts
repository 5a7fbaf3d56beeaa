/** What the decisions in force come to. */
import type { CurationReview } from '../../../contract/curation.ts';

export type DatasetReview = CurationReview['datasets'][number];

/** Those that any decision is about. */
export const touched = ({ datasets }: CurationReview): readonly DatasetReview[] =>
  datasets.filter((set) => decisions(set) + set.stale > 0);

/** Images that are excluded, relabelled, tagged or noted; one with two decisions counts twice. */
export const decisions = ({ excluded, relabelled, tagged, noted }: DatasetReview): number =>
  excluded + relabelled + tagged + noted;

export interface ClassChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** Classes in the order of the dataset, with those that only one side knows. */
export function classChanges({
  classesBefore,
  classesAfter,
}: Pick<DatasetReview, 'classesBefore' | 'classesAfter'>): readonly ClassChange[] {
  const after = new Map(classesAfter.map(({ name, count }) => [name, count]));
  const known = new Set(classesBefore.map(({ name }) => name));
  return [
    ...classesBefore.map(({ name, count }) => ({ name, before: count, after: after.get(name) ?? 0 })), // prettier-ignore
    ...classesAfter
      .filter(({ name }) => !known.has(name))
      .map(({ name, count }) => ({ name, before: 0, after: count })),
  ];
}
