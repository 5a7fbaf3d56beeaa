import type { Ranking } from './ranking.ts';
import { rankScores } from './ranking.ts';

/**
 * Detection error: the smallest balanced error over all thresholds δ,
 * min ½ P(ID has S < δ) + ½ P(OOD has S >= δ), whatever the ratio of ID to OOD images
 * (Liang et al. 2018, ODIN; Lee et al. 2018). Detection accuracy is 1 minus this.
 * @param idScores larger = more in-distribution
 * @returns 0 (separable) to 0.5
 * @throws AppError when a side is empty or holds NaN
 */
export function detectionError(idScores: ArrayLike<number>, oodScores: ArrayLike<number>): number {
  return detectionErrorOf(rankScores(idScores, oodScores));
}

/** {@link detectionError} of scores that are already ranked. */
export function detectionErrorOf(ranking: Ranking): number {
  const { idAtLeast, oodAtLeast, idCount, oodCount } = ranking;
  // Rejecting every image misses all ID and accepts no OOD.
  let smallest = 0.5;
  for (let step = 0; step < idAtLeast.length; step++) {
    const missed = 1 - idAtLeast[step]! / idCount;
    const accepted = oodAtLeast[step]! / oodCount;
    smallest = Math.min(smallest, (missed + accepted) / 2);
  }
  return smallest;
}

/** Largest balanced accuracy over all thresholds, 0.5 to 1. */
export const detectionAccuracy = (
  idScores: ArrayLike<number>,
  oodScores: ArrayLike<number>,
): number => 1 - detectionError(idScores, oodScores);
