/**
 * The metrics as other public implementations compute them, from the same scores. They exist so that a
 * difference between our number and a published one can be explained; no verdict is based on them.
 */
import type { Ranking } from './ranking.ts';
import { rankScores } from './ranking.ts';

/** What a peer reports; a measure it does not have is absent. Rates are 0 to 1. */
export interface PeerMeasures {
  readonly fpr95?: number;
  readonly auroc?: number;
  readonly auprIn?: number;
  readonly auprOut?: number;
  /** DICE / ReAct: smallest *pooled* error, (missed ID + accepted OOD) / all images. */
  readonly detectionError?: number;
}

export interface PeerConvention {
  readonly id: string;
  /** Name to show. */
  readonly name: string;
  /** Where it departs from our definition, in one sentence. */
  readonly differs: string;
  /**
   * @param idScores larger = more in-distribution
   * @throws AppError when a side is empty or holds NaN
   */
  readonly measure: (idScores: ArrayLike<number>, oodScores: ArrayLike<number>) => PeerMeasures;
}

/** Counts at every distinct score, the most positive first. */
interface Steps {
  readonly tp: readonly number[];
  readonly fp: readonly number[];
  readonly positives: number;
  readonly negatives: number;
}

function stepsOf(ranking: Ranking, positive: 'id' | 'ood'): Steps {
  const { idCount, oodCount } = ranking;
  const id = Array.from(ranking.idAtLeast);
  const ood = Array.from(ranking.oodAtLeast);
  if (positive === 'id') return { tp: id, fp: ood, positives: idCount, negatives: oodCount };
  // S <= value: all images less those above the value, lowest score first.
  const below = (atLeast: number[], all: number): number[] =>
    [0, ...atLeast.slice(0, -1)].map((above) => all - above).reverse();
  return {
    tp: below(ood, oodCount),
    fp: below(id, idCount),
    positives: oodCount,
    negatives: idCount,
  };
}

function trapezoid(y: readonly number[], x: readonly number[]): number {
  let area = 0;
  for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
  return area;
}

function averagePrecision({ tp, fp, positives }: Steps): number {
  return tp.reduce(
    (sum, t, i) => sum + ((t - (tp[i - 1] ?? 0)) / positives) * (t / (t + fp[i]!)),
    0,
  );
}

function trapezoidAupr({ tp, fp, positives }: Steps): number {
  return trapezoid(
    [1, ...tp.map((t, i) => t / (t + fp[i]!))],
    [0, ...tp.map((t) => t / positives)],
  );
}

function trapezoidAuroc({ tp, fp, positives, negatives }: Steps): number {
  return trapezoid([0, ...tp.map((t) => t / positives)], [0, ...fp.map((f) => f / negatives)]);
}

/** FPR at the step whose recall is nearest to 95%, from full recall downwards. */
function fprAtNearestRecall({ tp, fp, positives, negatives }: Steps): number {
  let best = tp.indexOf(positives);
  for (let i = best - 1; i >= 0; i--) {
    if (Math.abs(tp[i]! / positives - 0.95) < Math.abs(tp[best]! / positives - 0.95)) best = i;
  }
  return fp[best]! / negatives;
}

/**
 * FPR at the first step with TPR >= 95%.
 * @param dropCollinear leave out steps on a straight stretch of the curve first, as scikit-learn's `roc_curve`
 * does by default (`drop_intermediate`)
 */
function fprAtFirst(
  { tp, fp, positives, negatives }: Steps,
  options: { readonly dropCollinear: boolean },
): number {
  const bends = (counts: readonly number[], i: number): boolean =>
    counts[i + 1]! - 2 * counts[i]! + counts[i - 1]! !== 0;
  const reached = tp.findIndex((t, i) => {
    const kept =
      !options.dropCollinear || i === 0 || i === tp.length - 1 || bends(tp, i) || bends(fp, i);
    return kept && t / positives >= 0.95;
  });
  return fp[reached]! / negatives;
}

/** Rounds halves to even, as Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `cal_metric` of the ODIN, DICE and ReAct repositories. */
function calMetric(idScores: ArrayLike<number>, oodScores: ArrayLike<number>): PeerMeasures {
  const { tp, fp, positives, negatives } = stepsOf(rankScores(idScores, oodScores), 'id');
  // Their curve runs from "accept all" to "accept none", one step per distinct score.
  const tps = [...tp].reverse().concat(0);
  const fps = [...fp].reverse().concat(0);
  const tpr = [1, ...tps.map((t) => t / positives), 0];
  const fpr = [1, ...fps.map((f) => f / negatives), 0];

  const ascending = Float64Array.from(idScores).sort();
  const threshold = ascending[roundHalfEven(0.05 * positives)]!;
  const accepted = Array.from(oodScores).filter((score) => score > threshold).length;

  const withoutEmpty = (values: number[], counts: number[]): number[] =>
    values.filter((_, i) => i === 0 || i === values.length - 1 || counts[i - 1]! > 0);
  const kept = tps.map((t, i) => t + fps[i]!);
  const rejected = kept.map((count) => positives + negatives - count);
  const precisionIn = [0.5, ...tps.map((t, i) => t / kept[i]!), 0];
  const precisionOut = [0, ...fps.map((f, i) => (negatives - f) / rejected[i]!), 0.5];
  const specificity = fpr.map((rate) => 1 - rate);
  return {
    fpr95: accepted / negatives,
    auroc: -trapezoid(specificity, tpr),
    detectionError:
      tps.reduce((least, t, i) => Math.min(least, positives - t + fps[i]!), Infinity) /
      (positives + negatives),
    auprIn: -trapezoid(withoutEmpty(precisionIn, kept), withoutEmpty(tpr, kept)),
    auprOut: trapezoid(withoutEmpty(precisionOut, rejected), withoutEmpty(specificity, rejected)),
  };
}

/** What public implementations disagree about, one entry per implementation and option. */
export const PEER_CONVENTIONS: readonly PeerConvention[] = [
  {
    id: 'energy-ood',
    name: 'energy_ood (ID positive)',
    differs: 'Takes the threshold whose ID recall is nearest to 95%, which may keep less than 95%.',
    measure: (id, ood) => {
      const steps = stepsOf(rankScores(id, ood), 'id');
      return {
        fpr95: fprAtNearestRecall(steps),
        auroc: trapezoidAuroc(steps),
        auprIn: averagePrecision(steps),
      };
    },
  },
  {
    id: 'energy-ood-out-as-pos',
    name: 'energy_ood --out_as_pos',
    differs: 'OOD is the positive class, and the recall nearest to 95% is taken.',
    measure: (id, ood) => {
      const steps = stepsOf(rankScores(id, ood), 'ood');
      return {
        fpr95: fprAtNearestRecall(steps),
        auroc: trapezoidAuroc(steps),
        auprOut: averagePrecision(steps),
      };
    },
  },
  {
    id: 'openood-v1.5',
    name: 'OpenOOD v1.5',
    differs: 'OOD is the positive class for FPR95; areas under precision-recall use the trapezoid.',
    measure: (id, ood) => {
      const ranking = rankScores(id, ood);
      const inSteps = stepsOf(ranking, 'id');
      const outSteps = stepsOf(ranking, 'ood');
      return {
        fpr95: fprAtFirst(outSteps, { dropCollinear: true }),
        auroc: trapezoidAuroc(outSteps),
        auprIn: trapezoidAupr(inSteps),
        auprOut: trapezoidAupr(outSteps),
      };
    },
  },
  {
    id: 'openood-fpr-recall',
    name: 'OpenOOD fpr_recall (ID positive, not used by its defaults)',
    differs: 'As ours, but on a ROC curve without the steps that lie on straight stretches.',
    measure: (id, ood) => ({
      fpr95: fprAtFirst(stepsOf(rankScores(id, ood), 'id'), { dropCollinear: true }),
    }),
  },
  {
    id: 'dice-react',
    name: 'DICE / ReAct cal_metric',
    differs:
      'Accepts OOD only strictly above the threshold (a constant score gets FPR95 0) and uses the trapezoid.',
    measure: calMetric,
  },
  {
    id: 'pytorch-ood',
    name: 'pytorch-ood',
    differs: 'OOD is the positive class for FPR95; areas under precision-recall use the trapezoid.',
    measure: (id, ood) => {
      const ranking = rankScores(id, ood);
      const outSteps = stepsOf(ranking, 'ood');
      return {
        fpr95: fprAtFirst(outSteps, { dropCollinear: false }),
        auroc: trapezoidAuroc(outSteps),
        auprIn: trapezoidAupr(stepsOf(ranking, 'id')),
        auprOut: trapezoidAupr(outSteps),
      };
    },
  },
];
