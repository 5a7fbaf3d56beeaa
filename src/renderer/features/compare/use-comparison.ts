/** Which models stand side by side, and what the engine found. */
import { computed, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Comparison } from '../../../contract/scores.ts';
import type { ModelSummary } from '../../../contract/training.ts';
import { useApi } from '../../app/api.ts';
import { useJob } from '../../app/job.ts';
import { useBarred } from '../../app/barred.ts';
import { useQuery } from '../../app/query.ts';

/**
 * A good first comparison: the newest sparse model after its parent and its control; else the newest two of one ID set.
 * The first of the list is the base that the others are measured against.
 */
export function firstChoice(models: readonly ModelSummary[]): string[] {
  const newest = models.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  const sparse = newest.find(({ role, parentId }) => role === 'sparse' && parentId !== null);
  if (sparse) {
    const parent = models.find(({ id }) => id === sparse.parentId);
    const control = newest.find(
      ({ role, parentId, seed }) =>
        role === 'control' && parentId === sparse.parentId && seed === sparse.seed,
    );
    if (parent) return [parent.id, ...(control ? [control.id] : []), sparse.id];
  }
  const [first] = newest;
  const second = newest.find(
    ({ id, datasetId }) => id !== first?.id && datasetId === first?.datasetId,
  );
  return first && second ? [second.id, first.id] : [];
}

export function useComparison() {
  const api = useApi();
  const route = useRoute();
  const router = useRouter();
  const models = useQuery(() => api.call('models.list', {}), { after: ['train', 'score'] });
  const datasets = useQuery(() => api.call('datasets.list', {}), { after: ['scan', 'analyse'] });
  const detectors = useQuery(() => api.call('detectors.list', {}));

  const words = (name: string): string[] | null => {
    const value = route.query[name];
    return typeof value === 'string' && value !== '' ? value.split(',') : null;
  };
  const present = computed(() =>
    (models.data.value ?? []).filter(({ removedAt }) => removedAt === null),
  );
  const chosen = computed(() => {
    const ids = words('models') ?? firstChoice(present.value);
    return ids.flatMap((id) => present.value.find((model) => model.id === id) ?? []);
  });
  const listed = computed(() =>
    (datasets.data.value ?? []).filter(({ removedAt }) => removedAt === null),
  );
  const idDataset = computed(
    () => listed.value.find(({ id }) => id === chosen.value[0]?.datasetId) ?? null,
  );
  const allOod = computed(() => listed.value.filter(({ role }) => role === 'ood'));
  const barred = useBarred(() => chosen.value);
  const ood = computed(() => {
    const wanted = words('ood');
    const usable = allOod.value.filter(({ id }) => !barred.value.has(id));
    return wanted ? usable.filter(({ id }) => wanted.includes(id)) : usable;
  });
  const detector = computed(
    () =>
      detectors.data.value?.find(({ id }) => id === (words('score')?.[0] ?? 'energy')) ??
      detectors.data.value?.[0] ??
      null,
  );
  /** What still has to be scored, per model. */
  const unscored = computed(() => {
    const needed = [...(idDataset.value ? [idDataset.value] : []), ...ood.value];
    return chosen.value.flatMap((model) => {
      const sets = needed.filter(({ id }) => !model.scoredDatasetIds.includes(id));
      return sets.length > 0 ? [{ model, sets }] : [];
    });
  });
  /** Null while the choice cannot be compared. */
  const request = computed(() => {
    if (chosen.value.length < 2 || !idDataset.value || ood.value.length === 0 || !detector.value)
      return null;
    if (unscored.value.length > 0) return null;
    return {
      modelIds: chosen.value.map(({ id }) => id),
      detector: detector.value.id,
      idDatasetId: idDataset.value.id,
      split: 'test' as const,
      oodDatasetIds: ood.value.map(({ id }) => id),
    };
  });

  const comparing = useJob<Comparison>();
  watch(
    () => JSON.stringify(request.value),
    () => {
      const params = request.value;
      if (params) void comparing.run((options) => api.job('compare.models', params, options));
    },
    { immediate: true },
  );

  const scoring = useJob({ keep: true });
  async function score(): Promise<void> {
    const modelIds = unscored.value.map(({ model }) => model.id);
    const datasetIds = [...new Set(unscored.value.flatMap(({ sets }) => sets.map(({ id }) => id)))];
    await scoring.run((options) => api.job('scores.compute', { modelIds, datasetIds }, options));
    await models.reload();
  }

  function choose(change: {
    models?: readonly string[];
    ood?: readonly string[];
    score?: string;
  }): void {
    const query = Object.fromEntries(
      Object.entries(change).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.join(','),
      ]),
    );
    void router.replace({ query: { ...route.query, ...query } });
  }
  /** Adds a model at the end, or takes it out. */
  function toggle(id: string): void {
    const ids = chosen.value.map((model) => model.id);
    choose({ models: ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id] });
  }

  return {
    models,
    datasets,
    detectors,
    present,
    chosen,
    idDataset,
    allOod,
    barred,
    ood,
    detector,
    unscored,
    request,
    comparing,
    scoring,
    score,
    choose,
    toggle,
  };
}
