/** Bins and points that the report's charts are drawn from. */
import { decimateCurve, precisionRecallCurve, rocCurve, type Curve } from '../../metrics/curves.ts';
import { rankScores } from '../../metrics/ranking.ts';
import type { Distributions, SetCurvePoints } from '../audit.ts';
import { at } from '../columns.ts';
import { primaryId } from '../image-csv.ts';
import type { ModelNumbers } from './model-numbers.ts';
import { testedScores, type Tested } from './tested.ts';

const BINS = 60;
/** Share of a set's images that may lie beyond each end of the axis. */
const BEYOND = 0.005;
/** Furthest that a curve may lie from the points kept: not to be seen at the size it is drawn. */
const TOLERANCE = 0.002;

/** Energies of all models and sets on the same bins. */
export function distributionsOf(tested: Tested, models: readonly ModelNumbers[]): Distributions {
  const { columns, id, ood, rows } = tested;
  const perModel = columns.models.map(({ role }, m) => ({
    role,
    sets: [id, ...ood].map((set, i) => ({
      dataset: set.name,
      energies: at(set.models[m]!.energy, i === 0 ? rows.test : rows.ood[i - 1]!).sort(),
    })),
  }));
  const all = perModel.flatMap(({ sets }) => sets.map(({ energies }) => energies));
  const quantile = (sorted: Float64Array, share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const low = Math.min(...all.map((sorted) => quantile(sorted, BEYOND)));
  const high = Math.max(...all.map((sorted) => quantile(sorted, 1 - BEYOND)));
  const width = (high > low ? high - low : 1) / BINS;
  const edges = Array.from({ length: BINS + 1 }, (_, i) => low + i * width);
  return {
    detector: primaryId,
    axis: 'energy E(x)',
    edges,
    perModel: perModel.map(({ role, sets }, m) => ({
      role,
      threshold: 0 - models[m]!.threshold,
      sets: sets.map(({ dataset, energies }) => {
        const counts = new Array<number>(BINS).fill(0);
        let bin = 0;
        for (const energy of energies) {
          while (bin < BINS - 1 && energy >= edges[bin + 1]!) bin++;
          counts[bin]!++;
        }
        return { dataset, counts };
      }),
    })),
  };
}

/** ROC and precision-recall of the primary detector, per set and model. */
export function curvesOf(tested: Tested): readonly SetCurvePoints[] {
  const { columns, ood } = tested;
  const scores = columns.models.map((_, m) => testedScores(tested, m, primaryId)!);
  const points = (curve: Curve) => {
    const { x, y } = decimateCurve(curve, TOLERANCE);
    return { x: [...x], y: [...y] };
  };
  return ood.flatMap(({ name }, i) =>
    columns.models.map(({ role }, m): SetCurvePoints => {
      const ranking = rankScores(scores[m]!.test, scores[m]!.ood[i]!);
      return {
        dataset: name,
        role,
        roc: points(rocCurve(ranking)),
        pr: points(precisionRecallCurve(ranking)),
      };
    }),
  );
}
