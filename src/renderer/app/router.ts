/** Addresses: every screen, and what it shows, can be linked to. Hash history works from files and from a server. */
import { createRouter, createWebHashHistory, type Router, type RouterHistory } from 'vue-router';
import { features } from './features.ts';

export function createWindowRouter(history: RouterHistory = createWebHashHistory()): Router {
  return createRouter({
    history,
    routes: [
      { path: '/', redirect: '/datasets' },
      { path: '/start', name: 'start', component: () => import('./FirstStart.vue') },
      ...features.flatMap(({ routes }) => routes),
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFound.vue') },
    ],
  });
}
