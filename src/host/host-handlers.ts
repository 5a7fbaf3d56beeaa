/** What a window may ask of its host, the same in Electron and in the local web server; where they differ is `HostPlace`. */
import type { Grant } from '../contract/common.ts';
import { isExternalPage } from '../contract/external-pages.ts';
import type { HostInfo, PickPurpose } from '../contract/host.ts';
import type { HostApiContract } from '../contract/host-methods.ts';
import { RemoteError } from '../rpc/errors.ts';
import type { Handlers } from '../rpc/server.ts';
import { workspaceFolder, type HostSurroundings } from './engine-options.ts';
import type { EngineProcess } from './engine-process.ts';
import type { EngineSupervisor } from './engine-supervisor.ts';
import type { SettingsStore } from './settings-store.ts';

/** The part of a host that is its own. Methods that it does not have throw `forbidden`. */
export interface HostPlace extends Pick<HostInfo, 'kind' | 'locale' | 'thumbnailBase'> {
  /** The system's dialog; [] when nothing was chosen. */
  pick(purpose: PickPurpose): Promise<readonly string[]>;
  /** A path that was typed, checked. */
  typedPath(path: string): string;
  saveFile(suggestedName: string, bytes: Uint8Array): Promise<boolean>;
  openExternal(url: string): Promise<void>;
  reveal(folder: string): Promise<void>;
}

export interface HostParts {
  readonly surroundings: HostSurroundings;
  readonly settings: SettingsStore;
  readonly engine: EngineSupervisor<EngineProcess>;
  readonly place: HostPlace;
}

const PLATFORMS = ['linux', 'darwin', 'win32'] as const;

/** Where a person's workspace is fixed by the command line, it cannot be changed from the window. */
const fixedWorkspace = (): RemoteError =>
  new RemoteError('forbidden', 'The workspace was named when Straylight was started, so it cannot be changed here. Start it without --workspace and STRAYLIGHT_WORKSPACE.'); // prettier-ignore

export function hostHandlers(parts: HostParts): Handlers<HostApiContract> {
  const { surroundings, settings, engine, place } = parts;
  /** One path that vanished meanwhile does not cost the other 199; when none is left, the first reason is told. */
  const grantAll = async (paths: readonly string[]): Promise<Grant[]> => {
    const tried = await Promise.allSettled(
      paths.map((path) => engine.client.call('grants.add', { path })),
    );
    const grants = tried.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    const failed = tried.find((one) => one.status === 'rejected');
    if (failed && grants.length === 0) throw failed.reason as Error;
    return grants;
  };
  return {
    'host.info': () => ({
      kind: place.kind,
      platform: PLATFORMS.find((name) => name === process.platform) ?? 'other',
      appVersion: surroundings.appVersion,
      settings: settings.current,
      locale: place.locale,
      thumbnailBase: place.thumbnailBase,
    }),
    'host.pick': async ({ purpose }) => grantAll(await place.pick(purpose)),
    'host.grantDropped': ({ paths }) => grantAll(paths),
    'host.grantPath': ({ path }) =>
      engine.client.call('grants.add', { path: place.typedPath(path) }),
    'host.updateSettings': (patch) => settings.update(patch),
    'host.changeWorkspace': async ({ path }) => {
      if (surroundings.workspace !== undefined) throw fixedWorkspace();
      const [folder] = path === undefined ? await place.pick('workspace') : [place.typedPath(path)];
      if (folder === undefined) return false;
      settings.chooseWorkspace(folder);
      await engine.restart();
      return true;
    },
    'host.restartEngine': async () => {
      await engine.restart();
      return null;
    },
    'host.saveFile': ({ suggestedName, bytes }) => place.saveFile(suggestedName, bytes),
    'host.openExternal': async ({ url }) => {
      if (!isExternalPage(url))
        throw new RemoteError(
          'forbidden',
          'This page is not on the list of pages that the app opens.',
        );
      await place.openExternal(url);
      return null;
    },
    'host.revealWorkspace': async () => {
      await place.reveal(workspaceFolder(surroundings, settings.current));
      return null;
    },
    'host.watchEngine': (_, { signal, emit }) => {
      emit(engine.state);
      return until(signal, engine.onState(emit));
    },
    'host.watchSettings': (_, { signal, emit }) => {
      emit(settings.current);
      return until(signal, settings.onChange(emit));
    },
  };
}

/** Settles when nobody listens any more. */
function until(signal: AbortSignal, stop: () => void): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      stop();
      resolve(null);
    });
  });
}
