/** How far this workspace has come on the way from folders to a report. */
import { computed, type ComputedRef } from 'vue';
import { useApi } from './api.ts';
import { useQuery } from './query.ts';
import { useEngine } from './stores/engine.ts';

export type StepId = 'datasets' | 'pretrain' | 'finetune' | 'scores' | 'compare' | 'report';
export interface Step {
  readonly id: StepId;
  readonly to: string;
  readonly done: boolean;
  /** The first that is not done. */
  readonly next: boolean;
}

export function useWay(): { readonly steps: ComputedRef<readonly Step[]> } {
  const api = useApi();
  const engine = useEngine();
  const opened = (): boolean => Boolean(engine.info?.workspace);
  const datasets = useQuery(() => (opened() ? api.call('datasets.list', {}) : null), {
    after: ['scan', 'sample'],
  });
  const models = useQuery(() => (opened() ? api.call('models.list', {}) : null), {
    after: ['train', 'score'],
  });
  const reports = useQuery(() => (opened() ? api.call('reports.list', {}) : null), {
    after: ['report'],
  });

  const steps = computed<readonly Step[]>(() => {
    const sets = (datasets.data.value ?? []).filter(({ removedAt }) => removedAt === null);
    const made = (models.data.value ?? []).filter(({ removedAt }) => removedAt === null);
    const scored = made.filter(({ scoredDatasetIds }) => scoredDatasetIds.length > 1);
    const order: readonly Omit<Step, 'next'>[] = [
      { id: 'datasets', to: '/datasets', done: sets.some(({ role }) => role === 'id') && sets.some(({ role }) => role === 'ood') }, // prettier-ignore
      { id: 'pretrain', to: '/train?new=pretrain', done: made.length > 0 },
      {
        id: 'finetune',
        to: '/train?new=finetune',
        done: made.some(({ role }) => role === 'sparse'),
      },
      { id: 'scores', to: '/scores', done: scored.length > 0 },
      { id: 'compare', to: '/compare', done: scored.length > 1 },
      {
        id: 'report',
        to: '/report',
        done: (reports.data.value ?? []).some(({ built }) => built),
      },
    ];
    const next = order.findIndex(({ done }) => !done);
    return order.map((step, index) => ({ ...step, next: index === next }));
  });
  return { steps };
}
