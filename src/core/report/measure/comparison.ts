/** The sparse model beside the others on the same images. */
import { pairedAccuracy, pairedBootstrap, type PairedEstimates } from '../../metrics/paired-bootstrap.ts'; // prettier-ignore
import { influenceMean, influencePaired } from '../../metrics/influence.ts';
import { moments } from '../../metrics/moments.ts';
import { decideVerdict } from '../../metrics/verdict.ts';
import type { Audit, Estimate, Flips, Headline, ModelRole, PairedDifference, SparsityStatistics, Verdict } from '../audit.ts'; // prettier-ignore
import { at } from '../columns.ts';
import { primaryId } from '../image-csv.ts';
import type { ModelNumbers } from './model-numbers.ts';
import type { MeasureSettings } from './settings.ts';
import { correctOf, placeOf, testedScores, type Tested } from './tested.ts';

/** Differences of two models over the same images. */
export interface PairedModels {
  readonly scores: PairedEstimates;
  readonly accuracy: Estimate;
}

/** Model a minus model b under the primary detector. */
export function pairedModels(
  tested: Tested,
  a: number,
  b: number,
  { bootstrap, method }: MeasureSettings,
): PairedModels {
  const [first, second] = [a, b].map((model) => {
    const { test, ood } = testedScores(tested, model, primaryId)!;
    return { id: test, ood };
  }) as [{ id: Float64Array; ood: readonly Float64Array[] }, { id: Float64Array; ood: readonly Float64Array[] }]; // prettier-ignore
  const [right, other] = [correctOf(tested, a), correctOf(tested, b)];
  if (method === 'influence')
    return {
      scores: influencePaired(first, second),
      accuracy: influenceMean(Float64Array.from(right, (value, i) => value - other[i]!)),
    };
  const columns = { idA: first.id, idB: second.id, oodA: first.ood, oodB: second.ood };
  return {
    scores: pairedBootstrap({ ...columns, ...bootstrap }),
    accuracy: pairedAccuracy(right, other, bootstrap),
  };
}

export interface ComparisonNumbers {
  readonly verdict: Verdict;
  readonly headlines: readonly Headline[];
  readonly pairedAgainstBefore: readonly PairedDifference[];
  readonly pairedAgainstControl: readonly PairedDifference[];
  readonly flips: readonly Flips[];
  readonly sparsity: readonly SparsityStatistics[];
}

export function comparisonNumbers(
  tested: Tested,
  models: readonly ModelNumbers[],
  leakage: Audit['leakage'],
  settings: MeasureSettings,
): ComparisonNumbers {
  const { columns, rows, ood } = tested;
  const [before, control, sparse] = (['before', 'control', 'sparse'] as const).map((role) =>
    placeOf(columns, role),
  ) as [number, number, number];
  const againstBefore = pairedModels(tested, sparse, before, settings);
  const againstControl = control < 0 ? null : pairedModels(tested, sparse, control, settings);
  const verdict = decideVerdict({
    sparse: settings.runs[sparse]!,
    control: againstControl && {
      run: settings.runs[control]!,
      difference: againstControl.scores,
    },
    againstBefore: againstBefore.scores,
    accuracyChange: againstBefore.accuracy,
    sets: ood.map(({ name }, i) => ({ name, n: rows.ood[i]!.length })),
    idImages: rows.test.length,
    seeds: settings.seeds,
    leakage,
  });
  const others = [
    ['before', before],
    ['control', control],
  ] as const;
  return {
    verdict,
    headlines: headlinesOf(models, { before, control, sparse }, againstBefore, againstControl),
    pairedAgainstBefore: differences(tested, againstBefore.scores),
    pairedAgainstControl: againstControl ? differences(tested, againstControl.scores) : [],
    flips: others.flatMap(([role, model]) =>
      model < 0 ? [] : flipsOf(tested, role, model, sparse, models),
    ),
    sparsity: columns.models.flatMap(({ role }, m) => sparsityOf(tested, role, m)),
  };
}

function headlinesOf(
  models: readonly ModelNumbers[],
  { before, control, sparse }: Readonly<Record<ModelRole, number>>,
  againstBefore: PairedModels,
  againstControl: PairedModels | null,
): readonly Headline[] {
  const headline = (
    metric: string,
    label: string,
    lowerIsBetter: boolean,
    of: (model: ModelNumbers) => Estimate,
    change: (pair: PairedModels) => Estimate,
  ): Headline => ({
    metric,
    label,
    lowerIsBetter,
    before: of(models[before]!),
    control: control < 0 ? null : of(models[control]!),
    sparse: of(models[sparse]!),
    againstBefore: change(againstBefore),
    againstControl: againstControl && change(againstControl),
  });
  return [
    headline('fpr95', 'Mean FPR95 over the OOD sets', true, ({ scores }) => scores[0]!.averageIntervals.fpr95, ({ scores }) => scores.mean.fpr95), // prettier-ignore
    headline('auroc', 'Mean AUROC over the OOD sets', false, ({ scores }) => scores[0]!.averageIntervals.auroc, ({ scores }) => scores.mean.auroc), // prettier-ignore
    headline('id-accuracy', 'ID accuracy', false, ({ idAccuracy }) => idAccuracy, ({ accuracy }) => accuracy), // prettier-ignore
  ];
}

const differences = ({ ood }: Tested, { perSet }: PairedEstimates): PairedDifference[] =>
  ood.flatMap(({ name }, i) =>
    (['fpr95', 'auroc'] as const).map((metric) => ({
      dataset: name,
      metric,
      difference: perSet[i]![metric],
    })),
  );

/** How decisions change, each model at its own operating threshold. */
function flipsOf(
  tested: Tested,
  against: 'before' | 'control',
  other: number,
  sparse: number,
  models: readonly ModelNumbers[],
): readonly Flips[] {
  const [then, now] = [other, sparse].map((m) => testedScores(tested, m, primaryId)!);
  const [limitThen, limitNow] = [models[other]!.threshold, models[sparse]!.threshold];
  const [rightThen, rightNow] = [correctOf(tested, other), correctOf(tested, sparse)];
  const set = (dataset: string, a: Float64Array, b: Float64Array, id: boolean): Flips => {
    const flips = { bothKept: 0, bothRejected: 0, nowKept: 0, nowRejected: 0 };
    for (let i = 0; i < a.length; i++) {
      const kept = b[i]! >= limitNow;
      if (a[i]! >= limitThen) flips[kept ? 'bothKept' : 'nowRejected']++;
      else flips[kept ? 'nowKept' : 'bothRejected']++;
    }
    const changed = (from: Uint8Array, to: Uint8Array): number =>
      from.reduce((n, value, i) => (value === 0 && to[i] === 1 ? n + 1 : n), 0);
    return {
      against,
      dataset,
      n: a.length,
      ...flips,
      nowRight: id ? changed(rightThen, rightNow) : null,
      nowWrong: id ? changed(rightNow, rightThen) : null,
    };
  };
  return [
    set(tested.id.name, then!.test, now!.test, true),
    ...tested.ood.map(({ name }, i) => set(name, then!.ood[i]!, now!.ood[i]!, false)),
  ];
}

function sparsityOf({ id, ood, rows }: Tested, role: ModelRole, model: number) {
  return [id, ...ood].map((set, i): SparsityStatistics => {
    const which = i === 0 ? rows.test : rows.ood[i - 1]!;
    const l1 = moments(at(set.models[model]!.featureL1, which), `Feature L1 of ${set.name}`);
    const hoyer = moments(at(set.models[model]!.hoyer, which), `Hoyer sparsity of ${set.name}`);
    return {
      role,
      dataset: set.name,
      n: which.length,
      meanL1: l1.mean,
      stdL1: l1.std,
      meanHoyer: hoyer.mean,
      stdHoyer: hoyer.std,
    };
  });
}
