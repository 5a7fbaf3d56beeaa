/** The host in a browser: the local web server that this page came from. */
import { isExternalPage } from '../../contract/external-pages.ts';
import type { EngineState, HostApi } from '../../contract/host.ts';
import { hostApiContract, type HostApiContract } from '../../contract/host-methods.ts';
import type { Settings } from '../../contract/settings.ts';
import { createClient, type Client } from '../../rpc/client.ts';
import { engineGone, RemoteError } from '../../rpc/errors.ts';
import { webSocketTransport } from '../../rpc/transports/websocket.ts';
import type { Straylight } from './straylight.ts';

/** A tunnel that dropped comes back within seconds; a server that was stopped does not come back by asking faster. */
const RETRY_MS = 2000;

const LOST: EngineState = {
  state: 'gone',
  error: {
    code: 'engine-gone',
    message: 'The connection to the local server is lost. It was stopped, or its SSH tunnel has closed. This page goes on as soon as it answers; training does not need the page.', // prettier-ignore
  },
  restarting: true,
};

const socketTo = (path: string): WebSocket =>
  new WebSocket(new URL(path, location.href.replace(/^http/, 'ws')));

export function webHost(): Straylight {
  const engineListeners = new Set<(state: EngineState) => void>();
  const settingsListeners = new Set<(settings: Settings) => void>();
  let engine: EngineState = { state: 'starting' };
  let client: Client<HostApiContract>;

  const tell = (state: EngineState): void => {
    engine = state;
    for (const listener of engineListeners) listener(state);
  };
  const connect = (): void => {
    const fresh = createClient(hostApiContract, webSocketTransport(socketTo('/host')));
    client = fresh;
    fresh.onClose(() => {
      tell(LOST);
      setTimeout(connect, RETRY_MS);
    });
    // Both end with the connection only, and its close is told above.
    const ended = (): void => undefined;
    fresh.job('host.watchEngine', {}, { onEvent: tell }).catch(ended);
    fresh
      .job(
        'host.watchSettings',
        {},
        { onEvent: (settings) => settingsListeners.forEach((listener) => listener(settings)) },
      ) // prettier-ignore
      .catch(ended);
  };
  connect();

  const host: HostApi = {
    info: () => client.call('host.info', {}),
    pick: (purpose) => client.call('host.pick', { purpose }).then((grants) => grants),
    grantDropped: () => Promise.resolve([]),
    grantPath: (path) => client.call('host.grantPath', { path }),
    updateSettings: (patch) => client.call('host.updateSettings', patch),
    changeWorkspace: (path) =>
      client.call('host.changeWorkspace', path === undefined ? {} : { path }),
    restartEngine: async () => {
      await client.call('host.restartEngine', {});
    },
    saveFile: (suggestedName, bytes) => Promise.resolve(download(suggestedName, bytes)),
    openExternal: (url) => {
      if (!isExternalPage(url))
        return Promise.reject(new RemoteError('forbidden', 'This page is not on the list of pages that the app opens.')); // prettier-ignore
      window.open(url, '_blank', 'noopener,noreferrer');
      return Promise.resolve();
    },
    revealWorkspace: async () => {
      await client.call('host.revealWorkspace', {});
    },
    onEngineState: (listener) => {
      engineListeners.add(listener);
      listener(engine);
      return () => engineListeners.delete(listener);
    },
    onSettings: (listener) => {
      settingsListeners.add(listener);
      return () => settingsListeners.delete(listener);
    },
  };
  return { host, openEngine: () => openSocket('/engine') };
}

/** Settles once the server has accepted or refused. */
async function openSocket(path: string): Promise<ReturnType<typeof webSocketTransport>> {
  const socket = socketTo(path);
  const transport = webSocketTransport(socket);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    transport.onClose(() => reject(engineGone()));
  });
  return transport;
}

/** The browser's own download; where it goes, and whether it is cancelled, it does not tell. */
function download(name: string, bytes: Uint8Array): boolean {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
  link.download = name;
  link.click();
  // Revoked once the click has been handled: the download has its own hold on the bytes by then.
  setTimeout(() => URL.revokeObjectURL(link.href));
  return true;
}
