/** What building takes, in a sentence. */
import type { ReportPlan } from '../../../contract/reports.ts';
import type { Translate } from '../../messages/i18n.ts';
import { formatDuration } from '../../ui/index.ts';

/** Whether images have to go through a network first. */
export const isScored = ({ missing, seconds }: ReportPlan): boolean =>
  missing.length === 0 && seconds === 0;

export function planSentence(plan: ReportPlan, t: Translate): string {
  if (isScored(plan)) return t('report.plan.scored');
  const images = plan.missing.reduce((sum, one) => sum + one.images, 0);
  const what = images === 0 ? t('report.plan.robustness') : t('report.plan.missing', { n: images });
  const time =
    plan.seconds === null
      ? t('report.plan.timeUnknown')
      : t('report.plan.time', { time: formatDuration(plan.seconds) });
  return `${what}, ${time}.`;
}
