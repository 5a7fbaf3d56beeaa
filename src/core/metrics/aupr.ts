import type { Ranking } from './ranking.ts';
import { rankScores } from './ranking.ts';

/** Area under precision-recall, both ways. Both depend on the ratio of ID to OOD images: print the counts too. */
export interface Aupr {
  /** ID positive, largest score first. A score without any signal has n_id / (n_id + n_ood). */
  readonly auprIn: number;
  /** OOD positive, smallest score first. A score without any signal has n_ood / (n_id + n_ood). */
  readonly auprOut: number;
}

/**
 * Average precision, AP = Σ (R_i - R_{i-1}) P_i over the distinct scores: the step-wise sum of scikit-learn's
 * `average_precision_score`, not the trapezoid, which is too optimistic (Davis & Goadrich 2006).
 * @param idScores larger = more in-distribution
 * @throws AppError when a side is empty or holds NaN
 */
export function aupr(idScores: ArrayLike<number>, oodScores: ArrayLike<number>): Aupr {
  return auprOf(rankScores(idScores, oodScores));
}

/** {@link aupr} of scores that are already ranked. */
export function auprOf(ranking: Ranking): Aupr {
  const { idAtLeast, oodAtLeast, idCount, oodCount } = ranking;
  let auprIn = 0;
  let auprOut = 0;
  let idAbove = 0;
  let oodAbove = 0;
  for (let step = 0; step < idAtLeast.length; step++) {
    const accepted = idAtLeast[step]! + oodAtLeast[step]!;
    const rejected = idCount + oodCount - idAbove - oodAbove;
    auprIn += ((idAtLeast[step]! - idAbove) / idCount) * (idAtLeast[step]! / accepted);
    auprOut += ((oodAtLeast[step]! - oodAbove) / oodCount) * ((oodCount - oodAbove) / rejected);
    idAbove = idAtLeast[step]!;
    oodAbove = oodAtLeast[step]!;
  }
  // A sum of shares can end a rounding error above 1, which is then no rate any more.
  return { auprIn: Math.min(1, auprIn), auprOut: Math.min(1, auprOut) };
}
