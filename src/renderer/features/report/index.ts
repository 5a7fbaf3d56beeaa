import type { Feature } from '../../app/feature.ts';
import { IconReport } from '../../ui/index.ts';

export const report: Feature = {
  id: 'report',
  title: 'report.title',
  icon: IconReport,
  routes: [
    { path: '/report', name: 'report', component: () => import('./ReportScreen.vue') },
    { path: '/report/:id', name: 'report-of', component: () => import('./ReportScreen.vue') },
  ],
};
