/** Whether acceptance criteria are met, by the numbers of the sparse model. */
import type { Criterion, CriterionCheck, Estimate } from '../audit.ts';
import type { ModelResult } from '../audit.ts';
import type { ModelNumbers } from './model-numbers.ts';

/** Numbers that a check can be about. */
interface Measured {
  readonly value: number;
  readonly interval: Estimate | null;
}

/** The same criteria with their results; words and withdrawn ones have none. */
export const judgedCriteria = (
  criteria: readonly Criterion[] | null,
  model: ModelNumbers | ModelResult,
): readonly Criterion[] | null =>
  criteria?.map((criterion) => ({ ...criterion, result: resultOf(criterion, model) })) ?? null;

function resultOf(
  { check, withdrawn }: Criterion,
  model: ModelNumbers | ModelResult,
): Criterion['result'] {
  if (!check || withdrawn) return null;
  const measured = measuredOf(check, model);
  return measured && { ...measured, outcome: outcomeOf(check, measured) };
}

function outcomeOf({ relation, value: limit }: CriterionCheck, { value, interval }: Measured) {
  const within = (number: number): boolean =>
    relation === 'at most' ? number <= limit : number >= limit;
  const ends = interval ? [interval.low, interval.high] : [value];
  if (ends.every(within)) return 'met' as const;
  return ends.some(within) ? ('not shown' as const) : ('not met' as const);
}

function measuredOf(
  { metric, dataset }: CriterionCheck,
  model: ModelNumbers | ModelResult,
): Measured | null {
  const point = (value: number): Measured => ({ value, interval: null });
  const estimated = (interval: Estimate): Measured => ({ value: interval.value, interval });
  const { perSet, average, averageIntervals } = model.scores[0]!;
  const set = perSet.find((metrics) => metrics.dataset === dataset);
  if (dataset !== null && !set) return null;
  const mean = (pick: (metrics: (typeof perSet)[number]) => number): number =>
    perSet.reduce((sum, metrics) => sum + pick(metrics), 0) / perSet.length;
  switch (metric) {
    case 'fpr95':
      return estimated(set?.fpr95 ?? averageIntervals.fpr95);
    case 'auroc':
      return estimated(set?.auroc ?? averageIntervals.auroc);
    case 'fpr95-ood-positive':
      return point(set?.fpr95OodPositive ?? mean((metrics) => metrics.fpr95OodPositive));
    case 'aupr-in':
      return point(set?.auprIn ?? average.auprIn);
    case 'aupr-out':
      return point(set?.auprOut ?? average.auprOut);
    case 'accepted-at-threshold': {
      const shares = model.operatingPoint.acceptedPerSet.map(({ n, accepted }) => accepted / n);
      const at = model.operatingPoint.acceptedPerSet.findIndex((one) => one.dataset === dataset);
      return point(shares[at] ?? shares.reduce((sum, share) => sum + share, 0) / shares.length);
    }
    case 'id-accuracy':
      return estimated(model.idAccuracy);
    case 'id-kept-at-threshold':
      return point(model.idKeptAtThreshold);
    case 'ece':
      return point(model.ece);
  }
}
