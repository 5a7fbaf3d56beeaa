import type { Feature } from '../../app/feature.ts';
import { IconSettings } from '../../ui/index.ts';

export const settings: Feature = {
  id: 'settings',
  title: 'settings.title',
  icon: IconSettings,
  routes: [
    { path: '/settings', name: 'settings', component: () => import('./SettingsScreen.vue') },
  ],
};
