/** The desktop app: one window, one engine. Thin on purpose: whatever takes time is the engine's work. */
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, nativeTheme, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { ENGINE_PORT_CHANNEL, pushChannels, SUBSCRIBE_CHANNEL } from '../contract/exposed-api.ts';
import { hostApiMethods, type HostApiMethods } from '../contract/host-methods.ts';
import { nothing } from '../contract/method.ts';
import { configFolder } from '../host/config-folder.ts';
import { engineOptions, type HostSurroundings } from '../host/engine-options.ts';
import { EngineSupervisor } from '../host/engine-supervisor.ts';
import { hostHandlers } from '../host/host-handlers.ts';
import { pageFiles } from '../host/page-files.ts';
import { startElectronEngine, type ElectronEngine } from './electron-engine.ts';
import { electronPlace } from './electron-place.ts';
import { handle } from './ipc.ts';
import { setMenu } from './menu.ts';
import { handleSchemes, registerSchemes } from './protocols.ts';
import { cutOffNetwork, secureContents, secureSession } from './security.ts';
import { openSettings, openWindowState } from './stores.ts';
import { openWindow } from './window.ts';
import { wordsFor } from './words.ts';

const ROOT = app.getAppPath();
const config = configFolder();
app.setPath('userData', join(config, 'window'));
registerSchemes();
cutOffNetwork();
secureContents();

if (app.requestSingleInstanceLock()) void app.whenReady().then(start);
else {
  console.error('Straylight is open already; its window comes to the front.');
  app.quit();
}

function start(): void {
  const { settings, warning } = openSettings(config);
  if (warning !== null) console.error(warning);
  const named = process.env['STRAYLIGHT_WORKSPACE'];
  const surroundings: HostSurroundings = {
    projectRoot: ROOT,
    appVersion: app.getVersion(),
    workspace: named === '' ? undefined : named,
    device: process.env['STRAYLIGHT_DEVICE'],
  };
  const entry = join(ROOT, 'src', 'engine', 'entry-utility-process.ts');
  const engine = new EngineSupervisor<ElectronEngine>(() =>
    startElectronEngine(entry, engineOptions(surroundings, settings.current)),
  );
  const words = (): ReturnType<typeof wordsFor> => wordsFor(settings.current, app.getLocale());

  secureSession();
  handleSchemes(pageFiles(join(ROOT, 'out', 'renderer')), () => engine.client);
  const tell = (channel: string, value: unknown): void => {
    for (const { webContents } of BrowserWindow.getAllWindows()) webContents.send(channel, value);
  };
  engine.onState((state) => tell(pushChannels.engineState, state));
  const follow = (): void => {
    nativeTheme.themeSource = settings.current.theme;
    setMenu(words());
  };
  settings.onChange((value) => {
    follow();
    tell(pushChannels.settings, value);
  });
  follow();

  const handlers = hostHandlers({ surroundings, settings, engine, place: electronPlace(words) });
  for (const method of Object.keys(hostApiMethods) as (keyof HostApiMethods)[]) {
    const work = handlers[method] as (params: unknown, context: object) => unknown;
    handle(ipcMain, method, hostApiMethods[method].params, (params) =>
      work(params, { signal: new AbortController().signal }),
    );
  }
  handle(ipcMain, SUBSCRIBE_CHANNEL, nothing, (_, { sender }: IpcMainInvokeEvent) => {
    sender.send(pushChannels.engineState, engine.state);
    sender.send(pushChannels.settings, settings.current);
    return null;
  });
  const ticket = z.strictObject({ ticket: z.uuid() });
  handle(ipcMain, ENGINE_PORT_CHANNEL, ticket, (params, { sender }: IpcMainInvokeEvent) => {
    sender.postMessage(pushChannels.enginePort, params.ticket, [engine.process.openPort()]);
    return null;
  });

  engine.start();
  const state = openWindowState(config);
  openWindow({
    preload: join(ROOT, 'out', 'preload', 'index.cjs'),
    state: state.read(),
    onState: (value) => state.write(value),
  });
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  endInOrder(engine);
}

/** Quitting waits for the engine's checkpoint; a second request does not. */
function endInOrder(engine: EngineSupervisor<ElectronEngine>): void {
  let ending = false;
  app.on('will-quit', (event) => {
    if (ending) return;
    ending = true;
    event.preventDefault();
    void engine.stop().finally(() => app.exit(0));
  });
}
