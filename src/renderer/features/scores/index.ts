import type { Feature } from '../../app/feature.ts';
import { IconScores } from '../../ui/index.ts';

export const scores: Feature = {
  id: 'scores',
  title: 'scores.title',
  icon: IconScores,
  routes: [{ path: '/scores', name: 'scores', component: () => import('./ScoresScreen.vue') }],
};

export { default as DetectorPicker } from './DetectorPicker.vue';
