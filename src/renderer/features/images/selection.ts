/** Which images of a list are picked, and as the engine wants them. */
import type { ImageRef, ImageSelection } from '../../../contract/common.ts';
import type { ImageList } from '../../../contract/scores.ts';

export function refAt(list: ImageList, index: number): ImageRef {
  return { datasetId: list.datasetIds[list.datasets[index]!]!, ordinal: list.ordinals[index]! };
}

export const refKey = ({ datasetId, ordinal }: ImageRef): string => `${datasetId}/${ordinal}`;

/** Position in the list, or −1. */
export function indexOf(list: ImageList, { datasetId, ordinal }: ImageRef): number {
  const dataset = list.datasetIds.indexOf(datasetId);
  for (let i = 0; i < list.total; i++)
    if (list.ordinals[i] === ordinal && list.datasets[i] === dataset) return i;
  return -1;
}

/** The picked places of a list as ordinals per dataset. */
export function selectionsOf(list: ImageList, indexes: Iterable<number>): ImageSelection[] {
  const byDataset = new Map<string, number[]>();
  for (const index of indexes) {
    if (index < 0 || index >= list.total) continue;
    const { datasetId, ordinal } = refAt(list, index);
    const ordinals = byDataset.get(datasetId);
    if (ordinals) ordinals.push(ordinal);
    else byDataset.set(datasetId, [ordinal]);
  }
  return [...byDataset].map(([datasetId, ordinals]) => ({
    datasetId,
    ordinals: Uint32Array.from(ordinals),
  }));
}

export const countOf = (selections: readonly ImageSelection[]): number =>
  selections.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
