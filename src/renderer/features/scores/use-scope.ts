/** Which model, score and sets the screen is about: from the address, else from the screen before, else the newest. */
import { computed, watch, type ComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { DatasetCard } from '../../../contract/datasets.ts';
import type { Detector, Scope } from '../../../contract/scores.ts';
import type { ModelSummary } from '../../../contract/training.ts';
import { useApi } from '../../app/api.ts';
import { useBarred, type BarredSets } from '../../app/barred.ts';
import { useQuery, type Query } from '../../app/query.ts';
import { useSelection } from '../../app/stores/selection.ts';

export interface ScopeChoice {
  readonly models: Query<ModelSummary[]>;
  readonly datasets: Query<DatasetCard[]>;
  readonly detectors: Query<Detector[]>;
  readonly model: ComputedRef<ModelSummary | null>;
  readonly detector: ComputedRef<Detector | null>;
  readonly idDataset: ComputedRef<DatasetCard | null>;
  /** In the order of the list, so that a set looks the same on every screen. */
  readonly oodDatasets: ComputedRef<readonly DatasetCard[]>;
  readonly allOod: ComputedRef<readonly DatasetCard[]>;
  /** Of those, the ones that the model may not be evaluated on. */
  readonly barred: ComputedRef<BarredSets>;
  /** Sets of the choice that the model has not been scored on. */
  readonly unscored: ComputedRef<readonly DatasetCard[]>;
  /** Null until there are a model and its ID set, scored. */
  readonly scope: ComputedRef<Scope | null>;
  /** Shown score = sign · S. */
  readonly sign: ComputedRef<1 | -1>;
  choose(change: ScopeChange): void;
}

export interface ScopeChange {
  readonly model?: string;
  readonly detector?: string;
  readonly split?: Scope['split'];
  readonly ood?: readonly string[];
}

const listed = <Card extends { readonly removedAt: string | null }>(
  cards: readonly Card[] | null,
): Card[] => (cards ?? []).filter(({ removedAt }) => removedAt === null);

export function useScope(): ScopeChoice {
  const api = useApi();
  const route = useRoute();
  const router = useRouter();
  const selection = useSelection();
  const models = useQuery(() => api.call('models.list', {}), { after: ['train', 'score'] });
  const datasets = useQuery(() => api.call('datasets.list', {}), {
    after: ['scan', 'analyse', 'sample'],
  });
  const detectors = useQuery(() => api.call('detectors.list', {}));

  const word = (name: string): string | null => {
    const value = route.query[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const model = computed(() => {
    const present = listed(models.data.value);
    const wanted = word('model') ?? selection.scope.modelId;
    return (
      present.find(({ id }) => id === wanted) ??
      present.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ??
      null
    );
  });
  const present = computed(() => listed(datasets.data.value));
  const idDataset = computed(
    () => present.value.find(({ id }) => id === model.value?.datasetId) ?? null,
  );
  const allOod = computed(() =>
    present.value.filter(({ role, id }) => role === 'ood' && id !== idDataset.value?.id),
  );
  const barred = useBarred(() => (model.value ? [model.value] : []));
  const oodDatasets = computed(() => {
    const wanted = word('ood')?.split(',') ?? selection.scope.oodDatasetIds;
    const usable = allOod.value.filter(({ id }) => !barred.value.has(id));
    return wanted ? usable.filter(({ id }) => wanted.includes(id)) : usable;
  });
  const detector = computed(() => {
    const wanted = word('score') ?? selection.scope.detector ?? 'energy';
    const known = detectors.data.value ?? [];
    return known.find(({ id }) => id === wanted) ?? known[0] ?? null;
  });
  const split = computed<Scope['split']>(() => (word('split') === 'val' ? 'val' : 'test'));
  const scored = computed(() => new Set(model.value?.scoredDatasetIds ?? []));
  const unscored = computed(() =>
    [...(idDataset.value ? [idDataset.value] : []), ...oodDatasets.value].filter(
      ({ id }) => !scored.value.has(id),
    ),
  );

  let last: Scope | null = null;
  const scope = computed<Scope | null>(() => {
    if (!model.value || !idDataset.value || !detector.value) return null;
    if (!scored.value.has(idDataset.value.id)) return null;
    const next: Scope = {
      modelId: model.value.id,
      detector: detector.value.id,
      idDatasetId: idDataset.value.id,
      split: split.value,
      oodDatasetIds: oodDatasets.value.map(({ id }) => id).filter((id) => scored.value.has(id)),
    };
    // The same scope stays the same object, so that lists are not asked for anew.
    if (last && JSON.stringify(last) === JSON.stringify(next)) return last;
    return (last = next);
  });
  watch(scope, (value) => value && selection.work(value), { immediate: true });

  function choose({ model: modelId, detector: score, split: part, ood }: ScopeChange): void {
    void router.replace({
      query: {
        ...route.query,
        ...(modelId === undefined ? {} : { model: modelId }),
        ...(score === undefined ? {} : { score }),
        ...(part === undefined ? {} : { split: part }),
        ...(ood === undefined ? {} : { ood: ood.join(',') }),
      },
    });
  }

  return {
    models,
    datasets,
    detectors,
    model,
    detector,
    idDataset,
    oodDatasets,
    allOod,
    barred,
    unscored,
    scope,
    sign: computed(() => (detector.value?.shownAs === 'negated' ? -1 : 1)),
    choose,
  };
}
