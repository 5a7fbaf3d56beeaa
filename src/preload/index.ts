/** The bridge between the window and main: one object with named functions, and nothing of Electron's. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  ENGINE_PORT_CHANNEL,
  ENGINE_PORT_MESSAGE,
  pushChannels,
  SUBSCRIBE_CHANNEL,
  type ExposedApi,
  type Outcome,
} from '../contract/exposed-api.ts';
import type { EngineState } from '../contract/host.ts';
import type { HostApiMethods } from '../contract/host-methods.ts';
import type { Params, Result } from '../contract/methods.ts';
import type { Settings } from '../contract/settings.ts';

const ask = <K extends keyof HostApiMethods>(
  method: K,
  params: Params<HostApiMethods[K]>,
): Promise<Outcome<Result<HostApiMethods[K]>>> =>
  ipcRenderer.invoke(method, params) as Promise<Outcome<Result<HostApiMethods[K]>>>;

type Listener<T> = (value: T) => void;

/** Remembers the last thing that main told, so that a late listener hears it too. */
function pushed<T>(channel: string): (listener: Listener<T>) => () => void {
  const listeners = new Set<Listener<T>>();
  let last: { readonly value: T } | null = null;
  ipcRenderer.on(channel, (_event, value: T) => {
    last = { value };
    for (const listener of listeners) listener(value);
  });
  return (listener) => {
    listeners.add(listener);
    if (last) listener(last.value);
    return () => listeners.delete(listener);
  };
}

const onEngineState = pushed<EngineState>(pushChannels.engineState);
const onSettings = pushed<Settings>(pushChannels.settings);

// The bridge cannot carry a port; a message within the window can. '/' is this window's own origin only.
ipcRenderer.on(pushChannels.enginePort, ({ ports }, ticket: unknown) => {
  window.postMessage({ type: ENGINE_PORT_MESSAGE, ticket }, '/', [...ports]);
});

const api: ExposedApi = {
  info: () => ask('host.info', {}),
  pick: (purpose) => ask('host.pick', { purpose }),
  grantDropped: (files) => {
    // The path of something that is no file on disk, such as a dragged picture of a web page, is empty.
    const paths = [...files].map((file) => webUtils.getPathForFile(file)).filter((path) => path !== ''); // prettier-ignore
    return ask('host.grantDropped', { paths });
  },
  updateSettings: (patch) => ask('host.updateSettings', patch),
  changeWorkspace: () => ask('host.changeWorkspace', {}),
  restartEngine: () => ask('host.restartEngine', {}),
  saveFile: (suggestedName, bytes) =>
    ask('host.saveFile', { suggestedName, bytes: new Uint8Array(bytes) }),
  openExternal: (url) => ask('host.openExternal', { url }),
  revealWorkspace: () => ask('host.revealWorkspace', {}),
  onEngineState,
  onSettings,
  requestEnginePort: (ticket) =>
    ipcRenderer.invoke(ENGINE_PORT_CHANNEL, { ticket }) as Promise<Outcome<null>>,
};

contextBridge.exposeInMainWorld('straylight', api);
void ipcRenderer.invoke(SUBSCRIBE_CHANNEL, {});
