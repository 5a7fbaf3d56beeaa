/** What an engine is started with, whoever starts it. */
import type { Settings } from '../contract/settings.ts';
import { defaultWorkspace } from '../core/store/default-workspace.ts';
import type { EngineOptions } from '../engine/options.ts';

export interface HostSurroundings {
  readonly projectRoot: string;
  readonly appVersion: string;
  /** Named on the command line or in the environment; goes before the settings. */
  readonly workspace?: string | undefined;
  readonly device?: string | undefined;
}

const DEVICES = ['auto', 'cuda', 'cpu', 'wasm'] as const;

export const workspaceFolder = ({ workspace }: HostSurroundings, settings: Settings): string =>
  workspace ?? settings.workspace ?? defaultWorkspace();

export function engineOptions(host: HostSurroundings, settings: Settings): EngineOptions {
  return {
    workspace: workspaceFolder(host, settings),
    device: DEVICES.find((name) => name === host.device) ?? settings.device,
    threads: settings.threads,
    appVersion: host.appVersion,
    projectRoot: host.projectRoot,
  };
}
