import { useApi } from '../../app/api.ts';
import type { Feature } from '../../app/feature.ts';
import { useQuery } from '../../app/query.ts';
import { useText } from '../../messages/i18n.ts';
import { IconDatasets } from '../../ui/index.ts';
import { useRegistration } from './use-registration.ts';

export const datasets: Feature = {
  id: 'datasets',
  title: 'datasets.title',
  icon: IconDatasets,
  routes: [
    { path: '/datasets', name: 'datasets', component: () => import('./DatasetsScreen.vue') },
    { path: '/datasets/:id', name: 'dataset', component: () => import('./DatasetScreen.vue') },
  ],
  badge: () => {
    const api = useApi();
    const { t } = useText();
    const registration = useRegistration();
    const sets = useQuery(() => api.call('datasets.list', {}), {
      after: ['scan', 'analyse', 'sample'],
    });
    return () => {
      const waiting = registration.arrivals.length;
      if (waiting > 0)
        return {
          text: String(waiting),
          label: t('datasets.waiting', { n: waiting }),
          kind: 'count',
        };
      const failed = (sets.data.value ?? []).reduce(
        (sum, { failed: n, removedAt }) => (removedAt === null ? sum + n : sum),
        0,
      );
      return failed > 0
        ? {
            text: String(failed),
            label: t('datasets.problem.failed', { n: failed }),
            kind: 'error',
          }
        : null;
    };
  },
};
