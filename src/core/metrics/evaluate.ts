import type { OodMetrics, ScoreResult } from '../report/audit.ts';
import { auprOf } from './aupr.ts';
import { bootstrapSets } from './bootstrap.ts';
import type { OodEstimates } from './bootstrap.ts';
import { detectionErrorOf } from './detection-error.ts';
import { fprOodPositive } from './fpr.ts';
import { influenceSets } from './influence.ts';
import { moments } from './moments.ts';
import { rankScores } from './ranking.ts';
import type { BootstrapOptions } from './resample.ts';
import { shareAtLeast } from './threshold.ts';

/** One OOD set under one model. */
export interface OodSetScores {
  readonly name: string;
  /** Larger = more in-distribution. */
  readonly scores: ArrayLike<number>;
  /** Energies E(x) of the same images, the paper's sign; only their mean and spread are used. */
  readonly energies: ArrayLike<number>;
}

export interface EvaluationInput {
  /** Scores of the ID test images, larger = more in-distribution. */
  readonly id: ArrayLike<number>;
  readonly ood: readonly OodSetScores[];
  /** Operating threshold on the same score, from ID validation images: accept S >= threshold. */
  readonly threshold: number;
  readonly bootstrap: BootstrapOptions;
  /** How the intervals are made; by resampling unless given. */
  readonly method?: 'bootstrap' | 'influence';
}

export interface Evaluation extends Pick<ScoreResult, 'perSet' | 'average'> {
  /** 95% intervals of the averages over the sets. */
  readonly averageIntervals: OodEstimates;
}

/**
 * All metrics of one score of one model: per OOD set, and unweighted means over the sets.
 * @throws AppError when there is no OOD set, a column is empty or holds NaN
 */
export function evaluateSets(input: EvaluationInput): Evaluation {
  const { id, ood, threshold, bootstrap, method } = input;
  const sets = ood.map((set) => set.scores);
  const intervals = method === 'influence' ? influenceSets(id, sets) : bootstrapSets(id, sets, bootstrap); // prettier-ignore
  const perSet = ood.map(({ name, scores, energies }, i): OodMetrics => {
    const ranking = rankScores(id, scores);
    const energy = moments(energies, `Energies of ${name}`);
    return {
      dataset: name,
      n: scores.length,
      ...intervals.perSet[i]!,
      fpr95OodPositive: fprOodPositive(id, scores),
      ...auprOf(ranking),
      detectionError: detectionErrorOf(ranking),
      acceptedAtThreshold: shareAtLeast(scores, threshold, `Scores of ${name}`),
      meanEnergy: energy.mean,
      stdEnergy: energy.std,
    };
  });
  const mean = (pick: (metrics: OodMetrics) => number): number =>
    perSet.reduce((sum, metrics) => sum + pick(metrics), 0) / perSet.length;
  return {
    perSet,
    average: {
      fpr95: intervals.mean.fpr95.value,
      auroc: intervals.mean.auroc.value,
      auprIn: mean((metrics) => metrics.auprIn),
      auprOut: mean((metrics) => metrics.auprOut),
    },
    averageIntervals: intervals.mean,
  };
}
