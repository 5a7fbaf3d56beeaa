import type { Feature } from '../../app/feature.ts';
import { IconTrain } from '../../ui/index.ts';

export const training: Feature = {
  id: 'train',
  title: 'training.title',
  icon: IconTrain,
  routes: [{ path: '/train', name: 'train', component: () => import('./TrainScreen.vue') }],
};
