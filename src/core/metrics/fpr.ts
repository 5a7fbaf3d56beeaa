import { checkedScores } from './checked-scores.ts';
import { imagesToKeep, shareAtLeast, thresholdAtTpr, TPR_95 } from './threshold.ts';
import type { Rate } from './threshold.ts';

/**
 * False positive rate with **ID as the positive class** (primary; FPR95 at the default rate): the share of
 * OOD images with S >= δ, where δ is the threshold that keeps at least 95% of the ID images. Ties count as
 * accepted, so a score that is the same for every image has FPR 1.
 * See docs/method.md; used by Liu et al. 2020 (Energy) up to the choice of δ.
 * @param idScores larger = more in-distribution
 * @param oodScores the same score on OOD images
 * @returns 0 to 1, smaller is better
 * @throws AppError when a side is empty or holds NaN
 */
export function fprAtTpr(
  idScores: ArrayLike<number>,
  oodScores: ArrayLike<number>,
  tpr: Rate = TPR_95,
): number {
  return shareAtLeast(oodScores, thresholdAtTpr(idScores, tpr), 'OOD scores');
}

/**
 * False positive rate with **OOD as the positive class** (OpenOOD v1.5, pytorch-ood): the share of ID images
 * flagged, S <= δ', where δ' is the first threshold that flags at least 95% of the OOD images.
 * It answers another question than {@link fprAtTpr} and can differ by more than ten points on the same scores.
 * @returns 0 to 1, smaller is better
 * @throws AppError when a side is empty or holds NaN
 */
export function fprOodPositive(
  idScores: ArrayLike<number>,
  oodScores: ArrayLike<number>,
  tpr: Rate = TPR_95,
): number {
  const ood = checkedScores(oodScores, 'OOD scores').sort();
  const threshold = ood[imagesToKeep(tpr, ood.length) - 1]!;
  const id = checkedScores(idScores, 'ID scores');
  let flagged = 0;
  for (const score of id) if (score <= threshold) flagged++;
  return flagged / id.length;
}
