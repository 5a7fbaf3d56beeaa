/** The host in Electron: what the preload script exposes, as the window's API. */
import { ENGINE_PORT_MESSAGE, type ExposedApi, type Outcome } from '../../contract/exposed-api.ts';
import type { HostApi } from '../../contract/host.ts';
import { engineGone, RemoteError } from '../../rpc/errors.ts';
import { messagePortTransport } from '../../rpc/transports/message-port.ts';
import type { Straylight } from './straylight.ts';

export function electronHost(exposed: ExposedApi): Straylight {
  const host: HostApi = {
    info: async () => valueOf(await exposed.info()),
    pick: async (purpose) => valueOf(await exposed.pick(purpose)),
    grantDropped: async (files) => valueOf(await exposed.grantDropped(files)),
    grantPath: () =>
      Promise.reject(new RemoteError('forbidden', 'Paths are chosen in a dialog or dropped here.')),
    updateSettings: async (patch) => valueOf(await exposed.updateSettings(patch)),
    changeWorkspace: async () => valueOf(await exposed.changeWorkspace()),
    restartEngine: async () => void valueOf(await exposed.restartEngine()),
    saveFile: async (name, bytes) => valueOf(await exposed.saveFile(name, bytes)),
    openExternal: async (url) => void valueOf(await exposed.openExternal(url)),
    revealWorkspace: async () => void valueOf(await exposed.revealWorkspace()),
    onEngineState: (listener) => exposed.onEngineState(listener),
    onSettings: (listener) => exposed.onSettings(listener),
  };
  return {
    host,
    openEngine: async () => {
      const ticket = crypto.randomUUID();
      const port = portFor(ticket);
      const outcome = await exposed.requestEnginePort(ticket);
      if (!outcome.ok) {
        port.forget();
        valueOf(outcome);
      }
      return messagePortTransport(await port.arrived);
    },
  };
}

/** Waits for the message with the port that was asked for under this ticket. */
function portFor(ticket: string): { readonly arrived: Promise<MessagePort>; forget(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<MessagePort>();
  const listen = (event: MessageEvent<unknown>): void => {
    if (event.source !== window || event.origin !== location.origin) return;
    const { type, ticket: its } = (event.data ?? {}) as { type?: unknown; ticket?: unknown };
    if (type !== ENGINE_PORT_MESSAGE || its !== ticket) return;
    window.removeEventListener('message', listen);
    const [port] = event.ports;
    if (port) resolve(port);
    else reject(engineGone());
  };
  window.addEventListener('message', listen);
  return { arrived: promise, forget: () => window.removeEventListener('message', listen) };
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new RemoteError(outcome.error.code, outcome.error.message);
}
