/** Where this window runs, and its way to the engine. */
import type { ExposedApi } from '../../contract/exposed-api.ts';
import type { HostApi } from '../../contract/host.ts';
import type { Transport } from '../../rpc/transport.ts';
import { electronHost } from './electron-host.ts';
import { webHost } from './web-host.ts';

export interface Straylight {
  readonly host: HostApi;
  /**
   * Opens a new channel to the engine, which closes when the engine ends.
   * @throws RemoteError `engine-gone` while there is none
   */
  openEngine(): Promise<Transport>;
}

declare global {
  interface Window {
    /** Set by the preload script; not there in a browser. */
    readonly straylight?: ExposedApi;
  }
}

/** Electron's host when its preload script has run, else the local web server this page came from. */
export function straylight(): Straylight {
  return window.straylight ? electronHost(window.straylight) : webHost();
}
