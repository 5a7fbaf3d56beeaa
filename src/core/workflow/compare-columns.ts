/** Curves and paired differences of models over the same images. */
import { decimateCurve, precisionRecallCurve, rocCurve, type Curve } from '../metrics/curves.ts';
import { fprAtTpr } from '../metrics/fpr.ts';
import { accuracyOverSeeds, pairedOverSeeds, type SeedDifferences } from '../metrics/seeds.ts';
import { pairedAccuracy, pairedBootstrap, type PairedEstimates } from '../metrics/paired-bootstrap.ts'; // prettier-ignore
import { rankScores } from '../metrics/ranking.ts';
import type { Estimate } from '../report/audit.ts';
import { bootstrapOf } from './evaluate-scope.ts';
import type { ScopeColumns } from './scope-columns.ts';

/** More points cannot be told apart on a chart. */
export const CURVE_POINTS = 2000;

/** Of one OOD set. */
export interface SetCurves {
  readonly datasetId: string;
  readonly roc: Curve;
  readonly pr: Curve;
  readonly fpr95: number;
}

/** ROC and precision-recall curves per OOD set, thinned to at most {@link CURVE_POINTS} points each. */
export function compareColumns({ id, ood }: ScopeColumns): readonly SetCurves[] {
  return ood.map(({ datasetId, scores }) => {
    const ranking = rankScores(id.scores, scores);
    return {
      datasetId,
      roc: thinned(rocCurve(ranking)),
      pr: thinned(precisionRecallCurve(ranking)),
      fpr95: fprAtTpr(id.scores, scores),
    };
  });
}

/** At most `most` points; none left out lies further from the curve than the last tolerance, which begins at 1e-4. */
export function thinned(curve: Curve, most = CURVE_POINTS): Curve {
  let result = curve;
  for (let tolerance = 1e-4; result.x.length > most; tolerance *= 2)
    result = decimateCurve(curve, tolerance);
  return result;
}

/** Differences A - B over the same images. */
export interface PairedDifferences {
  readonly ood: PairedEstimates;
  readonly accuracy: Estimate;
}

/** Differences A - B of several seeds, each with its own two models. */
export interface SeedPairs {
  readonly ood: SeedDifferences;
  readonly accuracy: Estimate;
}

/**
 * @param seeds at least two, all on the same images
 * @throws AppError `invalid-data` when the models did not see the same images
 */
export function pairSeeds(
  seeds: readonly { readonly a: ScopeColumns; readonly b: ScopeColumns }[],
): SeedPairs {
  const bootstrap = bootstrapOf(seeds[0]!.a);
  return {
    ood: pairedOverSeeds(
      seeds.map(({ a, b }) => ({
        idA: a.id.scores,
        idB: b.id.scores,
        oodA: a.ood.map(({ scores }) => scores),
        oodB: b.ood.map(({ scores }) => scores),
      })),
      bootstrap,
    ),
    accuracy: accuracyOverSeeds(
      seeds.map(({ a, b }) => ({ a: a.id.correct, b: b.id.correct })),
      bootstrap,
    ).estimate,
  };
}

/** @throws AppError `invalid-data` when the models did not see the same images */
export function pairColumns({
  a,
  b,
}: {
  readonly a: ScopeColumns;
  readonly b: ScopeColumns;
}): PairedDifferences {
  const bootstrap = bootstrapOf(a);
  return {
    ood: pairedBootstrap({
      idA: a.id.scores,
      idB: b.id.scores,
      oodA: a.ood.map(({ scores }) => scores),
      oodB: b.ood.map(({ scores }) => scores),
      ...bootstrap,
    }),
    accuracy: pairedAccuracy(a.id.correct, b.id.correct, bootstrap),
  };
}
