/** A criterion in one line. */
import type { CriterionCheck, CriterionMetric } from '../../../contract/reports.ts';
import type { Translate } from '../../messages/i18n.ts';
import { formatPercent } from '../../ui/index.ts';

/** Told of the ID set alone: no OOD set has a part in them. */
const OF_ID: readonly CriterionMetric[] = ['id-accuracy', 'id-kept-at-threshold', 'ece'];
export const isOfId = (metric: CriterionMetric): boolean => OF_ID.includes(metric);

export const relationKey = (relation: CriterionCheck['relation']): 'at-most' | 'at-least' =>
  relation === 'at most' ? 'at-most' : 'at-least';

export function criterionText(
  { text, check }: { readonly text: string; readonly check: CriterionCheck | null },
  t: Translate,
): string {
  if (!check) return text;
  const values = {
    metric: t(`report.metric.${check.metric}`),
    relation: t(`report.criteria.${relationKey(check.relation)}`),
    value: formatPercent(check.value),
  };
  const sentence = isOfId(check.metric)
    ? t('report.criteria.sentenceId', values)
    : t('report.criteria.sentence', {
        ...values,
        set: check.dataset ?? t('report.criteria.overSets'),
      });
  return text === '' ? sentence : `${sentence}. ${text}`;
}
