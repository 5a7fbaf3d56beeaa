/** `window.straylight` in Electron: all that the preload script exposes, agreed between it and the window. */
import type { Failure } from './common.ts';
import type { EngineState } from './host.ts';
import type { HostApiMethods } from './host-methods.ts';
import type { Params, Result } from './methods.ts';
import type { Settings } from './settings.ts';

/** An outcome as data: errors lose their code on the way through the context bridge. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

type Answer<K extends keyof HostApiMethods> = Promise<Outcome<Result<HostApiMethods[K]>>>;
type Given<K extends keyof HostApiMethods> = Params<HostApiMethods[K]>;

export interface ExposedApi {
  info(): Answer<'host.info'>;
  pick(purpose: Given<'host.pick'>['purpose']): Answer<'host.pick'>;
  grantDropped(files: readonly File[]): Answer<'host.grantDropped'>;
  updateSettings(patch: Given<'host.updateSettings'>): Answer<'host.updateSettings'>;
  changeWorkspace(): Answer<'host.changeWorkspace'>;
  restartEngine(): Answer<'host.restartEngine'>;
  saveFile(suggestedName: string, bytes: Uint8Array): Answer<'host.saveFile'>;
  openExternal(url: string): Answer<'host.openExternal'>;
  revealWorkspace(): Answer<'host.revealWorkspace'>;
  /** Tells the present state at once. */
  onEngineState(listener: (state: EngineState) => void): () => void;
  onSettings(listener: (settings: Settings) => void): () => void;
  /** The port itself follows as a message of this window, because the bridge cannot carry it. */
  requestEnginePort(ticket: string): Promise<Outcome<null>>;
}

/** `type` of the window message that brings the port; its `ticket` is the one it was asked for under. */
export const ENGINE_PORT_MESSAGE = 'straylight:engine-port';

/** What main tells the preload script without being asked. */
export const pushChannels = {
  engineState: 'host.engineState',
  settings: 'host.settings',
  enginePort: 'host.enginePort',
} as const;
/** What only the preload script asks. */
export const SUBSCRIBE_CHANNEL = 'host.subscribe';
export const ENGINE_PORT_CHANNEL = 'host.requestEnginePort';
