import type { Feature } from '../../app/feature.ts';
import { IconCurate } from '../../ui/index.ts';

export const curation: Feature = {
  id: 'curate',
  title: 'curation.title',
  icon: IconCurate,
  routes: [{ path: '/curate', name: 'curate', component: () => import('./CurateScreen.vue') }],
};
