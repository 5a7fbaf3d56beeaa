import type { Feature } from '../../app/feature.ts';
import { IconCompare } from '../../ui/index.ts';

export const compare: Feature = {
  id: 'compare',
  title: 'compare.title',
  icon: IconCompare,
  routes: [
    { path: '/compare', name: 'compare', component: () => import('./CompareScreen.vue') },
    {
      path: '/compare/experiments',
      name: 'experiments',
      component: () => import('./experiments/ExperimentsScreen.vue'),
    },
  ],
};
