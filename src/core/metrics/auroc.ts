import type { Ranking } from './ranking.ts';
import { rankScores } from './ranking.ts';

/**
 * Area under the ROC curve: the chance that an ID image scores above an OOD image, ties counting one half
 * (Mann-Whitney U / (n m)). Counted in whole and half numbers, so equal rankings give equal results.
 * @param idScores larger = more in-distribution
 * @returns 0 to 1; 0.5 = no separation
 * @throws AppError when a side is empty or holds NaN
 */
export function auroc(idScores: ArrayLike<number>, oodScores: ArrayLike<number>): number {
  return aurocOf(rankScores(idScores, oodScores));
}

/** {@link auroc} of scores that are already ranked. */
export function aurocOf(ranking: Ranking): number {
  const { idAtLeast, oodAtLeast, idCount, oodCount } = ranking;
  let twicePairs = 0;
  let idAbove = 0;
  let oodAbove = 0;
  for (let step = 0; step < idAtLeast.length; step++) {
    twicePairs += (oodAtLeast[step]! - oodAbove) * (idAbove + idAtLeast[step]!);
    idAbove = idAtLeast[step]!;
    oodAbove = oodAtLeast[step]!;
  }
  return twicePairs / (2 * idCount * oodCount);
}
