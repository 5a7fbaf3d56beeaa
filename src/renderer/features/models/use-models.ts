/** The models of the workspace, and what can be done to one. */
import { computed, type ComputedRef } from 'vue';
import type { DatasetCard } from '../../../contract/datasets.ts';
import type { ModelSummary } from '../../../contract/training.ts';
import { useApi } from '../../app/api.ts';
import { toFailure } from '../../app/failure.ts';
import { useQuery, type Query } from '../../app/query.ts';
import { useToasts } from '../../app/stores/toasts.ts';
import { useText } from '../../messages/i18n.ts';

export interface Models {
  readonly list: Query<ModelSummary[]>;
  readonly datasets: Query<DatasetCard[]>;
  readonly present: ComputedRef<readonly ModelSummary[]>;
  readonly removed: ComputedRef<readonly ModelSummary[]>;
  readonly idDatasets: ComputedRef<readonly DatasetCard[]>;
  rename(model: ModelSummary, name: string): Promise<void>;
  remove(model: ModelSummary): Promise<void>;
  restore(model: ModelSummary): Promise<void>;
}

export function useModels(): Models {
  const api = useApi();
  const toasts = useToasts();
  const { t } = useText();
  // Imports run as exports do, under one kind of job.
  const list = useQuery(() => api.call('models.list', {}), { after: ['train', 'score', 'export'] });
  const datasets = useQuery(() => api.call('datasets.list', {}), { after: ['scan', 'sample'] });
  const all = computed(() => list.data.value ?? []);

  async function attempt(ask: () => Promise<unknown>, said: () => void): Promise<void> {
    try {
      await ask();
      said();
      await list.reload();
    } catch (thrown) {
      toasts.failed(toFailure(thrown));
    }
  }
  const renameTo = (modelId: string, name: string): Promise<ModelSummary> =>
    api.call('models.rename', { modelId, name });

  const rename: Models['rename'] = ({ id, name: before }, name) =>
    attempt(
      () => renameTo(id, name),
      () =>
        toasts.info(t('models.renamed', { name }), {
          label: t('app.undo'),
          run: () =>
            attempt(
              () => renameTo(id, before),
              () => toasts.info(t('models.renamed', { name: before })),
            ),
        }),
    );
  const restore: Models['restore'] = ({ id, name }) =>
    attempt(
      () => api.call('models.restore', { modelId: id }),
      () => toasts.info(t('models.restored', { name })),
    );
  const remove: Models['remove'] = (model) =>
    attempt(
      () => api.call('models.remove', { modelId: model.id }),
      () =>
        toasts.info(t('models.removed', { name: model.name }), {
          label: t('app.undo'),
          run: () => restore(model),
        }),
    );

  return {
    list,
    datasets,
    present: computed(() => all.value.filter(({ removedAt }) => removedAt === null)),
    removed: computed(() =>
      all.value
        .filter(({ removedAt }) => removedAt !== null)
        .toSorted((a, b) => b.removedAt!.localeCompare(a.removedAt!)),
    ),
    idDatasets: computed(() =>
      (datasets.data.value ?? []).filter(
        ({ role, removedAt }) => role === 'id' && removedAt === null,
      ),
    ),
    rename,
    remove,
    restore,
  };
}
