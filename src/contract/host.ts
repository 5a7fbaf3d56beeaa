/**
 * What a window asks of the process that hosts it: the preload script in Electron, the local web server in a browser.
 * Everything else goes to the engine.
 */
import { z } from 'zod';
import { failure, grant, type Grant } from './common.ts';
import { settings, type Settings, type SettingsPatch } from './settings.ts';

export const engineState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('starting') }),
  z.strictObject({ state: z.literal('running') }),
  /** The process ended; `restart` brings it back. */
  z.strictObject({ state: z.literal('gone'), error: failure, restarting: z.boolean() }),
]);
export type EngineState = z.infer<typeof engineState>;

/** Why a path is asked for; decides the dialog's words. */
export const pickPurpose = z.enum(['datasets', 'export', 'workspace', 'model', 'key', 'report']);
export type PickPurpose = z.infer<typeof pickPurpose>;

export const hostInfo = z.strictObject({
  kind: z.enum(['electron', 'web']),
  platform: z.enum(['linux', 'darwin', 'win32', 'other']),
  appVersion: z.string(),
  settings,
  /** Locale of the system, for `language: system`. */
  locale: z.string(),
  /** Data is shown at this prefix: `thumb://` in Electron, `/thumb/` in a browser. */
  thumbnailBase: z.string(),
});
export type HostInfo = z.infer<typeof hostInfo>;

export const grants = z.array(grant);

/** The whole API that a window sees beside the engine's port. */
export interface HostApi {
  info(): Promise<HostInfo>;
  /** Opens the system's dialog; [] when nothing was chosen. In a browser: rejects with `forbidden`, use `grantPath`. */
  pick(purpose: PickPurpose): Promise<readonly Grant[]>;
  /** Dropped files and folders. In a browser: always [], because it hides their paths. */
  grantDropped(files: readonly File[]): Promise<readonly Grant[]>;
  /** A path that was typed; only in a browser, where there is no dialog. */
  grantPath(path: string): Promise<Grant>;
  updateSettings(patch: SettingsPatch): Promise<Settings>;
  /** Asks for a folder and restarts the engine in it; false when nothing was chosen. With a path only in a browser. */
  changeWorkspace(path?: string): Promise<boolean>;
  restartEngine(): Promise<void>;
  /** Saves bytes that the window made (a chart) where the person says; false when cancelled. */
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<boolean>;
  /** https pages of the project's fixed list only. */
  openExternal(url: string): Promise<void>;
  /** Shows the workspace folder in the system's file manager. */
  revealWorkspace(): Promise<void>;
  onEngineState(listener: (state: EngineState) => void): () => void;
  onSettings(listener: (settings: Settings) => void): () => void;
}
