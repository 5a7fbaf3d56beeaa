/** The window on invented data: `?images=12&theme=dark&language=zh-CN&running=1&curated=1&state=gone#/scores`. */
import { createWindow } from '../app/create-window.ts';
import type { EngineState } from '../../contract/host.ts';
import type { Settings } from '../../contract/settings.ts';
import { someDecisions } from './fake/curation-methods.ts';
import { createFake } from './fake/index.ts';

const GONE: EngineState = {
  state: 'gone',
  error: { code: 'engine-gone', message: 'The engine has stopped (signal SIGKILL). Start it again; a training run goes on from its last checkpoint.' }, // prettier-ignore
  restarting: false,
};

export function openPreview(): void {
  const query = new URLSearchParams(location.search);
  const state = query.get('state');
  const fake = createFake({
    images: Number(query.get('images') ?? 9500),
    models: query.get('models') !== '0',
    running: query.has('running'),
    reports: query.has('reports'),
    experiments: query.has('experiments'),
    // Drawn by scripts/preview.mjs, by the same code as in the app.
    pdf: async () => new Uint8Array(await (await fetch('/report.pdf')).arrayBuffer()),
    stepMs: 150,
    runtime: (query.get('runtime') ?? 'cpu') as 'cpu' | 'cuda' | 'none',
    kind: query.get('kind') === 'web' ? 'web' : 'electron',
    ...(state === 'workspace'
      ? { workspaceError: { code: 'locked' as const, message: 'Workspace /home/ada/Straylight: held by another process (4711). Close it, or choose another folder.' } } // prettier-ignore
      : {}),
    ...(state === 'starting' ? { engine: { state: 'starting' as const }, handlers: { 'app.info': () => new Promise<never>(() => undefined) } } : {}), // prettier-ignore
    interruptedRuns: state === 'interrupted' ? ['run-2'] : [],
    settings: {
      theme: (query.get('theme') ?? 'system') as Settings['theme'],
      language: (query.get('language') ?? 'system') as Settings['language'],
      firstStartDone: !query.has('first'),
      railCollapsed: query.has('collapsed'),
      author: 'Ada',
    },
  });
  if (query.has('curated')) someDecisions(fake.curation);
  const parts = { path: '/parts', component: () => import('./PartsScreen.vue') };
  createWindow(fake.api, fake.host, [parts]).mount('#app');
  if (state === 'gone') setTimeout(() => fake.setEngine(GONE), 300);
}
