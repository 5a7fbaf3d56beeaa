/** The local web host: server, engine and settings put together. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostApiContract } from '../contract/host-methods.ts';
import { AppError } from '../core/errors.ts';
import { writeFileAtomicSync } from '../core/store/atomic.ts';
import { configFolder } from '../host/config-folder.ts';
import { engineOptions, type HostSurroundings } from '../host/engine-options.ts';
import { EngineSupervisor } from '../host/engine-supervisor.ts';
import { hostHandlers } from '../host/host-handlers.ts';
import { hasPage, pageFiles } from '../host/page-files.ts';
import { loadSettingsFile } from '../host/settings-file.ts';
import { SettingsStore } from '../host/settings-store.ts';
import { serve } from '../rpc/server.ts';
import { startNodeEngine } from './node-engine.ts';
import { startServer } from './server.ts';
import { webPlace } from './web-place.ts';

/** Not among the registered or usual development ports. */
export const DEFAULT_PORT = 8917;

export interface WebOptions extends HostSurroundings {
  /** Undefined: the default, or any other when that one is taken. */
  readonly port?: number | undefined;
  /** Told what a person should know. */
  readonly onWarning: (text: string) => void;
}

export interface RunningWeb {
  readonly port: number;
  newLink(): string;
  stop(): Promise<void>;
}

/** The file with the token of the server at a port. */
export const tokenFile = (port: number): string => join(configFolder(), `server-${port}.token`);

/** @throws AppError when the port is taken or the window has not been built */
export async function startWeb(options: WebOptions): Promise<RunningWeb> {
  const pagesFolder = join(options.projectRoot, 'out', 'renderer');
  if (!hasPage(pagesFolder))
    throw new AppError('not-found', `The window has not been built (${pagesFolder}). Start it with \`npm start\`, or \`npm run straylight -- serve\`, which build it.`); // prettier-ignore
  const settings = openSettings(options.onWarning);
  const engine = new EngineSupervisor(() =>
    startNodeEngine(engineOptions(options, settings.current)),
  );
  const handlers = hostHandlers({ surroundings: options, settings, engine, place: webPlace });
  const server = await listenAt(options.port, {
    pages: pageFiles(pagesFolder),
    engine: () => engine.client,
    attachHost: (transport) => void serve(hostApiContract, handlers, transport),
    openWindow: () => engine.process.openWindow(),
  });
  server.writeToken(tokenFile(server.port));
  engine.start();
  return {
    port: server.port,
    newLink: () => server.newLink(),
    stop: async () => {
      await server.close();
      rmSync(tokenFile(server.port), { force: true });
      await engine.stop();
    },
  };
}

async function listenAt(
  port: number | undefined,
  parts: Parameters<typeof startServer>[0],
): ReturnType<typeof startServer> {
  if (port !== undefined) return startServer(parts, port);
  try {
    return await startServer(parts, DEFAULT_PORT);
  } catch {
    return startServer(parts, 0);
  }
}

function openSettings(onWarning: (text: string) => void): SettingsStore {
  const folder = configFolder();
  const file = join(folder, 'settings.json');
  mkdirSync(folder, { recursive: true });
  const { settings, warning } = loadSettingsFile(file);
  if (warning !== null) onWarning(warning);
  return new SettingsStore(settings, (value) =>
    writeFileAtomicSync(file, `${JSON.stringify(value, null, 2)}\n`),
  );
}
