/** What the app remembers between starts, in electron-store: settings, and where the window was. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Store from 'electron-store';
import type { Settings } from '../contract/settings.ts';
import { loadSettingsFile } from '../host/settings-file.ts';
import { SettingsStore } from '../host/settings-store.ts';
import type { WindowState } from './window-state.ts';

/** @returns the settings, and a line for people when the file could not be taken as it was */
export function openSettings(folder: string): {
  readonly settings: SettingsStore;
  readonly warning: string | null;
} {
  mkdirSync(folder, { recursive: true });
  // Read before the store opens it: a file that is damaged or of a newer version is moved aside first.
  const { settings, warning } = loadSettingsFile(join(folder, 'settings.json'));
  const store = new Store<Settings>({ name: 'settings', cwd: folder });
  return {
    settings: new SettingsStore(settings, (value) => {
      store.store = value;
    }),
    warning,
  };
}

export interface WindowStateStore {
  read(): unknown;
  write(state: WindowState): void;
}

export function openWindowState(folder: string): WindowStateStore {
  // Where a window was is worth no question: what cannot be read is forgotten.
  const store = new Store<{ state?: unknown }>({
    name: 'window',
    cwd: folder,
    clearInvalidConfig: true,
  });
  return {
    read: () => store.get('state'),
    write: (state) => store.set('state', state),
  };
}
