import type { Feature } from '../../app/feature.ts';
import { IconModels } from '../../ui/index.ts';

const screen = () => import('./ModelsScreen.vue');

export const models: Feature = {
  id: 'models',
  title: 'models.title',
  icon: IconModels,
  routes: [
    { path: '/models', name: 'models', component: screen },
    { path: '/models/:id', name: 'model', component: screen },
  ],
};
