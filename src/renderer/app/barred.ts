/** Sets that the models of a screen may not be evaluated on, because training has seen their images as outliers. */
import { computed, type ComputedRef } from 'vue';
import type { Bar } from '../../contract/scores.ts';
import type { ModelSummary } from '../../contract/training.ts';
import { useApi } from './api.ts';
import { useQuery } from './query.ts';

export type BarredSets = ReadonlyMap<string, Pick<Bar, 'reason' | 'shared' | 'images'>>;

/**
 * By dataset. Sets that a model names itself are known at once; those that share images with one are the engine's
 * to find, and are asked for only where there is such a model.
 */
export function useBarred(models: () => readonly ModelSummary[]): ComputedRef<BarredSets> {
  const api = useApi();
  const trained = computed(() => models().filter(({ barred }) => (barred ?? []).length > 0));
  const found = useQuery(
    () =>
      trained.value.length === 0
        ? null
        : api.call('scores.barred', { modelIds: trained.value.map(({ id }) => id) }),
    { after: ['scan'] },
  );
  return computed(() => {
    const sets = new Map<string, Pick<Bar, 'reason' | 'shared' | 'images'>>();
    for (const { barred } of trained.value)
      for (const { datasetId, images } of barred ?? [])
        sets.set(datasetId, { reason: 'trained-on', shared: images, images });
    const ids = new Set(trained.value.map(({ id }) => id));
    for (const bar of found.data.value ?? [])
      if (ids.has(bar.modelId) && sets.get(bar.datasetId)?.reason !== 'trained-on')
        sets.set(bar.datasetId, bar);
    return sets;
  });
}
