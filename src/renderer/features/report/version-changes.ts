/** What differs between two versions of a report: the words people gave, the title, and what is audited. */
import {
  HUMAN_FIELDS,
  type HumanFieldName,
  type ReportVersion,
} from '../../../contract/reports.ts';

export interface VersionChange {
  readonly what: HumanFieldName | 'title' | 'choice';
  readonly before: string;
  readonly after: string;
}

/** @param before the version before it; null for the first */
export function versionChanges(
  before: ReportVersion | null,
  after: ReportVersion,
): readonly VersionChange[] {
  if (!before) return [];
  const pairs: readonly VersionChange[] = [
    { what: 'title', before: before.title, after: after.title },
    { what: 'choice', before: JSON.stringify(before.choice), after: JSON.stringify(after.choice) },
    ...HUMAN_FIELDS.map((what) => ({
      what,
      before: before.fields[what],
      after: after.fields[what],
    })),
  ];
  return pairs.filter((pair) => pair.before !== pair.after);
}
