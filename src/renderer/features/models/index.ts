import type { Feature } from '../../app/feature.ts';
import { IconModels } from '../../ui/index.ts';

export const models: Feature = {
  id: 'models',
  title: 'models.title',
  icon: IconModels,
  routes: [{ path: '/models', name: 'models', component: () => import('./ModelsScreen.vue') }],
};
