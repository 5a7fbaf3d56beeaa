import type { Feature } from '../../app/feature.ts';
import { IconReport } from '../../ui/index.ts';

export const report: Feature = {
  id: 'report',
  title: 'report.title',
  icon: IconReport,
  routes: [{ path: '/report/:id?', name: 'report', component: () => import('./ReportScreen.vue') }],
};
