/** The process that hosts this window: Electron's preload script, or the local web server. */
import { inject, type InjectionKey } from 'vue';
import type { HostApi, HostInfo } from '../../contract/host.ts';

export interface Host {
  readonly api: HostApi;
  /** As it was when the window opened; settings that changed since are in the settings store. */
  readonly info: HostInfo;
}

export const hostKey: InjectionKey<Host> = Symbol('host');

/** In components and stores. */
export function useHost(): Host {
  const host = inject(hostKey);
  if (!host) throw new Error('No host was provided to this app.');
  return host;
}

/** Address of an image's thumbnail; `size` is the longer side in device pixels, in the steps that are cached. */
export function thumbnailUrl(
  base: string,
  datasetId: string,
  ordinal: number,
  size: number,
): string {
  return `${base}${datasetId}/${ordinal}?size=${thumbnailStep(size)}`;
}

/** Few sizes, so that zooming finds thumbnails in the cache. */
export function thumbnailStep(size: number): number {
  const steps = [64, 128, 256, 512, 1024];
  return steps.find((step) => step >= size) ?? 1024;
}
