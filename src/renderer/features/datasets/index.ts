import type { Feature } from '../../app/feature.ts';
import { IconDatasets } from '../../ui/index.ts';

export const datasets: Feature = {
  id: 'datasets',
  title: 'datasets.title',
  icon: IconDatasets,
  routes: [
    { path: '/datasets', name: 'datasets', component: () => import('./DatasetsScreen.vue') },
  ],
};
