/** Addresses: every screen, and what it shows, can be linked to. Hash history works from files and from a server. */
import { createRouter, createWebHashHistory, type Router, type RouteRecordRaw, type RouterHistory } from 'vue-router'; // prettier-ignore
import { features } from './features.ts';

export function createWindowRouter(
  given: { readonly history?: RouterHistory; readonly more?: readonly RouteRecordRaw[] } = {},
): Router {
  return createRouter({
    history: given.history ?? createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/datasets' },
      { path: '/start', name: 'start', component: () => import('./FirstStart.vue') },
      ...features.flatMap(({ routes }) => routes),
      ...(given.more ?? []),
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFound.vue') },
    ],
  });
}
