/** The engine, as the window sees it: `api.call('datasets.list', {})`, `api.job('scores.compute', …, { onEvent, signal })`. */
import { inject, type InjectionKey } from 'vue';
import type { WindowContract } from '../../contract/methods.ts';
import type { Client } from '../../rpc/client.ts';

export type Api = Pick<Client<WindowContract>, 'call' | 'job'>;

export const apiKey: InjectionKey<Api> = Symbol('api');

/** In components and stores. */
export function useApi(): Api {
  const api = inject(apiKey);
  if (!api) throw new Error('No engine API was provided to this app.');
  return api;
}
