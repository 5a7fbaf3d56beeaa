import { checkedScores } from './checked-scores.ts';

/**
 * ID and OOD scores merged into one ranking, largest first, equal scores as one step.
 * Step i of every curve: accept all images with S >= `values[i]`.
 */
export interface Ranking {
  /** Distinct scores, descending; `[steps]`. */
  readonly values: Float64Array;
  /** Number of ID images with S >= values[i]; the last is `idCount`. */
  readonly idAtLeast: Float64Array;
  /** Number of OOD images with S >= values[i]; the last is `oodCount`. */
  readonly oodAtLeast: Float64Array;
  readonly idCount: number;
  readonly oodCount: number;
}

/**
 * Sorts both sides once and counts at every distinct score. O(n log n).
 * @param idScores larger = more in-distribution
 * @throws AppError when a side is empty or holds NaN
 */
export function rankScores(idScores: ArrayLike<number>, oodScores: ArrayLike<number>): Ranking {
  const id = checkedScores(idScores, 'ID scores').sort();
  const ood = checkedScores(oodScores, 'OOD scores').sort();
  const size = id.length + ood.length;
  const values = new Float64Array(size);
  const idAtLeast = new Float64Array(size);
  const oodAtLeast = new Float64Array(size);
  let steps = 0;
  let i = id.length - 1;
  let j = ood.length - 1;
  while (i >= 0 || j >= 0) {
    const value = Math.max(i >= 0 ? id[i]! : -Infinity, j >= 0 ? ood[j]! : -Infinity);
    while (i >= 0 && id[i] === value) i--;
    while (j >= 0 && ood[j] === value) j--;
    values[steps] = value;
    idAtLeast[steps] = id.length - 1 - i;
    oodAtLeast[steps] = ood.length - 1 - j;
    steps++;
  }
  return {
    values: values.slice(0, steps),
    idAtLeast: idAtLeast.slice(0, steps),
    oodAtLeast: oodAtLeast.slice(0, steps),
    idCount: id.length,
    oodCount: ood.length,
  };
}
