/** What no window of the app may do, whatever is shown in it. */
import { app, session, type WebContents, type WebPreferences } from 'electron';
import { isOurPage, PAGE_URL } from './ipc.ts';

/** Of every window. */
export const webPreferences = (preload: string): WebPreferences => ({
  preload,
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  // Its dictionaries would be fetched from the network.
  spellcheck: false,
});

/** Copying text needs one; no other is ever asked for. */
const PERMITTED = 'clipboard-sanitized-write';

/** Schemes that stay within the app. Everything else, above all http and file, is not even tried. */
const WITHIN = ['straylight:', 'thumb:', 'data:', 'blob:', 'devtools:', 'chrome-extension:'];

/**
 * Chromium itself fetches things on its own, such as dictionaries, past every handler of the session. Without names and
 * without a proxy it reaches nobody. Before the app is ready.
 */
export function cutOffNetwork(): void {
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('no-proxy-server');
  app.commandLine.appendSwitch('disable-background-networking');
}

/** Before any window is made. */
export function secureContents(): void {
  app.on('web-contents-created', (_event, contents) => secure(contents));
}

function secure(contents: WebContents): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-frame-navigate', (event) => {
    // The page may load itself anew; it has no other pages and no frames.
    if (!event.isMainFrame || event.url.split('#')[0] !== PAGE_URL) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  // A script may go to about:blank without any event before it. Nothing there is answered; the page comes back.
  contents.on('did-navigate', (_event, address) => {
    if (!isOurPage(address)) void contents.loadURL(PAGE_URL);
  });
}

/** Once the app is ready. */
export function secureSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === PERMITTED && isOurPage(contents.getURL())),
  );
  defaultSession.setPermissionCheckHandler(
    (contents, permission) =>
      // Electron's list of permissions to check lacks this one, although it is checked.
      (permission as string) === PERMITTED && contents !== null && isOurPage(contents.getURL()),
  );
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.setSpellCheckerEnabled(false);
  // Without it the dictionary of the system's language is fetched although nothing is checked.
  defaultSession.setSpellCheckerLanguages([]);
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !WITHIN.includes(URL.parse(url)?.protocol ?? '') }),
  );
  defaultSession.on('will-download', (event) => event.preventDefault());
}
