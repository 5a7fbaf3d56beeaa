/** The window's app, given its host and its engine: the same for Electron, a browser, a preview and a test. */
import { createPinia } from 'pinia';
import { createApp, type App as VueApp } from 'vue';
import type { RouteRecordRaw } from 'vue-router';
import { createMessages, languageOf } from '../messages/i18n.ts';
import { apiKey, type Api } from './api.ts';
import App from './App.vue';
import { hostKey, type Host } from './host.ts';
import { createWindowRouter } from './router.ts';

/** @param more routes that only a preview has */
export function createWindow(api: Api, host: Host, more: readonly RouteRecordRaw[] = []): VueApp {
  const { settings, locale } = host.info;
  const app = createApp(App);
  app.provide(apiKey, api);
  app.provide(hostKey, host);
  app.use(createPinia());
  app.use(createMessages(languageOf(settings.language, locale)));
  app.use(createWindowRouter({ more }));
  return app;
}
