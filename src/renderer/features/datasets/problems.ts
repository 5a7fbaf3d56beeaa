/** What is wrong with a dataset, worst first, in words. */
import type { z } from 'zod';
import type { DatasetCard, problemKind } from '../../../contract/datasets.ts';
import type { Translate } from '../../messages/i18n.ts';

export type ProblemKind = z.infer<typeof problemKind>;
export interface Problem {
  readonly kind: ProblemKind;
  readonly n: number;
  readonly text: string;
  /** A word or two, for a row of the list. */
  readonly brief: string;
}

export function problemsOf(dataset: DatasetCard, t: Translate): Problem[] {
  const { analysis, failed } = dataset;
  const leaked = analysis?.leaks.reduce((sum, { exact, near }) => sum + exact + near, 0) ?? 0;
  const found: readonly Omit<Problem, 'brief'>[] = [
    { kind: 'leakage', n: leaked, text: t('datasets.problem.leakage', { n: leaked }) },
    { kind: 'failed', n: failed, text: t('datasets.problem.failed', { n: failed }) },
    {
      kind: 'exact-duplicates',
      n: analysis?.exactDuplicates ?? 0,
      text: t('datasets.problem.exact', { n: analysis?.exactDuplicates ?? 0 }),
    },
    {
      kind: 'near-duplicates',
      n: analysis?.nearDuplicates ?? 0,
      text: t('datasets.problem.near', { n: analysis?.nearDuplicates ?? 0 }),
    },
    {
      kind: 'quality',
      n: analysis?.flagged ?? 0,
      text: t('datasets.problem.quality', { n: analysis?.flagged ?? 0 }),
    },
  ];
  return found
    .filter(({ n }) => n > 0)
    .map((problem) => ({
      ...problem,
      brief: t(`datasets.brief.${problem.kind}`, { n: problem.n }),
    }));
}
