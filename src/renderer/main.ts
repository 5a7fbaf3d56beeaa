/** Opens the window: finds its host, then draws. */
import './ui/styles.ts';
import { createWindow } from './app/create-window.ts';
import { engineClient } from './app/engine-client.ts';
import { straylight } from './app/straylight.ts';

if (import.meta.env.VITE_PREVIEW) {
  const { openPreview } = await import('./dev/preview.ts');
  openPreview();
} else {
  const window = straylight();
  const { host } = window;
  const info = await host.info();
  createWindow(
    engineClient(() => window.openEngine()),
    { api: host, info },
  ).mount('#app');
}
