/** The app's one window. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { PAGE_URL } from './ipc.ts';
import { webPreferences } from './security.ts';
import { DEFAULT_SIZE, restoredState, SMALLEST_SIZE, type WindowState } from './window-state.ts';

/** `--window` of the design tokens, so that nothing flashes before the page is drawn. */
const BACKGROUND = { light: '#f3f4f6', dark: '#0f1114' } as const;

export interface WindowOptions {
  readonly preload: string;
  /** As it was read from disk. */
  readonly state: unknown;
  readonly onState: (state: WindowState) => void;
}

export function openWindow({ preload, state, onState }: WindowOptions): BrowserWindow {
  const restored = restoredState(
    state,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...restored?.bounds,
    minWidth: SMALLEST_SIZE.width,
    minHeight: SMALLEST_SIZE.height,
    title: 'Straylight',
    show: false,
    autoHideMenuBar: true,
    backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: webPreferences(preload),
  });
  if (restored?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () =>
    onState({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }),
  );
  void window.loadURL(PAGE_URL);
  return window;
}
