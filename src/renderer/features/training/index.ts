import type { Feature } from '../../app/feature.ts';
import { useJobs } from '../../app/stores/jobs.ts';
import { useText } from '../../messages/i18n.ts';
import { formatPercent, IconTrain } from '../../ui/index.ts';

export const training: Feature = {
  id: 'train',
  title: 'training.title',
  icon: IconTrain,
  routes: [{ path: '/train', name: 'train', component: () => import('./TrainScreen.vue') }],
  badge: () => {
    const jobs = useJobs();
    const { t } = useText();
    return () => {
      const running = jobs.running.find(({ kind }) => kind === 'train');
      if (!running) return null;
      const share = formatPercent(running.progress?.value ?? 0, 0);
      return { text: share, label: t('training.runningBadge', { share }), kind: 'busy' };
    };
  },
};
