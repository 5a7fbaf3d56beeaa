/** What a list of scored images is sorted by, where that can be told from the list itself. */
import type { ImageList, ImageSort } from '../../../contract/scores.ts';

/**
 * In list order, as it is shown; null for orders that are not numbers or not in the list. Worst first is the distance to
 * the wrong side of the threshold: δ − S for ID, S − δ for OOD.
 */
export function sortKeys(
  list: ImageList,
  by: ImageSort['by'],
  {
    threshold,
    isId,
    sign,
  }: {
    readonly threshold: number | null;
    readonly isId: (datasetId: string) => boolean;
    readonly sign: 1 | -1;
  },
): Float64Array | null {
  if (by === 'score') return list.scores.map((score) => sign * score);
  if (by !== 'threshold-distance' || threshold === null) return null;
  const id = list.datasetIds.map(isId);
  return list.scores.map((score, i) =>
    id[list.datasets[i]!] ? threshold - score : score - threshold,
  );
}
