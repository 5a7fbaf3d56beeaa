/**
 * Every number of a report that follows from its images' columns. The report is made with it, and `verify` computes
 * the same numbers again from `per-image.csv`.
 */
import type { Audit, Criterion } from '../audit.ts';
import { AppError } from '../../errors.ts';
import { INFLUENCE_FROM_IMAGES } from '../../metrics/influence.ts';
import { evaluateProtocol } from '../../protocol/evaluate-protocol.ts';
import { primaryId } from '../image-csv.ts';
import type { ReportColumns } from '../columns.ts';
import { curvesOf, distributionsOf } from './charts.ts';
import { comparisonNumbers, type ComparisonNumbers } from './comparison.ts';
import { leaks } from './copies.ts';
import { judgedCriteria } from './criteria.ts';
import { galleriesOf } from './gallery.ts';
import { modelNumbers, type ModelNumbers } from './model-numbers.ts';
import { setNumbers, type SetNumbers } from './set-numbers.ts';
import type { MeasureSettings } from './settings.ts';
import { placeOf, testedOf, testedScores, type Tested, type TestedRows } from './tested.ts'; // prettier-ignore

export interface ReportNumbers
  extends
    ComparisonNumbers,
    Pick<
      Audit,
      'leakage' | 'protocolResults' | 'distributions' | 'curves' | 'galleries' | 'topRisks'
    > {
  /** ID set first. */
  readonly sets: readonly SetNumbers[];
  readonly models: readonly ModelNumbers[];
  readonly criteria: readonly Criterion[] | null;
}

/** How intervals are made for so many tested images. */
export const intervalMethod = ({ test, ood }: TestedRows): 'bootstrap' | 'influence' =>
  test.length + ood.reduce((sum, { length }) => sum + length, 0) >= INFLUENCE_FROM_IMAGES
    ? 'influence'
    : 'bootstrap';

/**
 * @param onStep after each part, with how many of all are done
 * @throws AppError `invalid-data` when a part has no scored image, or `before` or `sparse` is missing
 */
export async function measureReport(
  columns: ReportColumns,
  settings: MeasureSettings,
  onStep?: (done: number, total: number) => void | Promise<void>,
): Promise<ReportNumbers> {
  const tested = testedOf(columns);
  checkTested(columns, tested.rows);
  const total = columns.sets.length + columns.models.length + 3;
  let done = 0;
  const step = async <Result>(result: Result): Promise<Result> => {
    await onStep?.(++done, total);
    return result;
  };
  const sets: SetNumbers[] = [];
  for (const set of columns.sets) sets.push(await step(setNumbers(set)));
  const leakage = leaks(columns);
  const models: ModelNumbers[] = [];
  for (const m of columns.models.keys()) models.push(await step(modelNumbers(tested, m, settings)));
  const comparison = await step(comparisonNumbers(tested, models, leakage, settings));
  const criteria = judgedCriteria(settings.criteria, models[placeOf(columns, 'sparse')]!);
  const charts = await step({
    distributions: distributionsOf(tested, models),
    curves: curvesOf(tested),
  });
  return {
    sets,
    leakage,
    models,
    ...comparison,
    ...charts,
    protocolResults: protocolResultsOf(tested, settings),
    galleries: await step(galleriesOf(tested, models)),
    criteria,
    topRisks: topRisksOf(comparison.verdict, criteria),
  };
}

/** Of the primary detector. */
function protocolResultsOf(
  tested: Tested,
  { protocol, nearFar, bootstrap }: MeasureSettings,
): Audit['protocolResults'] {
  if (!protocol) return [];
  return tested.columns.models.map(({ role }, m) => {
    const { val, test, ood } = testedScores(tested, m, primaryId)!;
    const sets = tested.ood.map(({ name }, i) => ({ name, nearFar: nearFar[i]!, scores: ood[i]! }));
    const input = { protocol, score: primaryId, validation: val, id: test, ood: sets, bootstrap };
    return { role, ...evaluateProtocol(input) };
  });
}

/** What a decision must not overlook: at most three. */
export function topRisksOf(
  verdict: Audit['verdict'],
  criteria: readonly Criterion[] | null,
): readonly string[] {
  const failed = (criteria ?? []).filter(({ result }) => result !== null && result.outcome !== 'met'); // prettier-ignore
  return [
    ...failed.map(({ text, result }) => `Acceptance criterion ${result!.outcome}: ${text}`),
    ...(verdict.outcome === 'worse' ? [verdict.sentence] : []),
    ...verdict.cautions,
  ].slice(0, 3);
}

function checkTested({ models, sets }: ReportColumns, { val, test, ood }: TestedRows): void {
  for (const role of ['before', 'sparse'] as const)
    if (!models.some((model) => model.role === role))
      throw new AppError('invalid-data', `A report compares a sparse model with the one before; there is no ${role}.`); // prettier-ignore
  const empty = [
    ...(val.length === 0 ? ['validation images of the ID set'] : []),
    ...(test.length === 0 ? ['test images of the ID set'] : []),
    ...ood.flatMap(({ length }, i) => (length === 0 ? [`images of ${sets[i + 1]!.name}`] : [])),
  ];
  if (empty.length > 0)
    throw new AppError('invalid-data', `There are no scored ${empty.join(', no ')}. Score the sets again, or choose others.`); // prettier-ignore
}
