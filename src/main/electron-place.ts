/** What Electron can do for its window: the system's dialogs, programs and folders. */
import { basename } from 'node:path';
import { app, BrowserWindow, dialog, shell, type OpenDialogOptions } from 'electron';
import type { PickPurpose } from '../contract/host.ts';
import { AppError } from '../core/errors.ts';
import { writeFileAtomic } from '../core/store/atomic.ts';
import type { HostPlace } from '../host/host-handlers.ts';
import { RemoteError } from '../rpc/errors.ts';
import type { Words } from './words.ts';

export function electronPlace(words: () => Words): HostPlace {
  return {
    kind: 'electron',
    locale: app.getLocale(),
    thumbnailBase: 'thumb://',
    pick: async (purpose) => {
      const options = dialogOptions(purpose, words());
      const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
      const { canceled, filePaths } = window
        ? await dialog.showOpenDialog(window, options)
        : await dialog.showOpenDialog(options);
      return canceled ? [] : filePaths;
    },
    typedPath: () => {
      throw new RemoteError('forbidden', 'Paths are chosen in a dialog or dropped here.');
    },
    saveFile: async (suggestedName, bytes) => {
      const [window] = BrowserWindow.getAllWindows();
      const options = { defaultPath: plainName(suggestedName) };
      const { canceled, filePath } = window
        ? await dialog.showSaveDialog(window, options)
        : await dialog.showSaveDialog(options);
      if (canceled || filePath === '') return false;
      await writeFileAtomic(filePath, bytes);
      return true;
    },
    openExternal: (url) => shell.openExternal(url),
    reveal: async (folder) => {
      const problem = await shell.openPath(folder);
      if (problem !== '') throw new AppError('unreadable', `${folder} cannot be shown (${problem}). Open it in your file manager.`); // prettier-ignore
    },
  };
}

/** A name for the dialog to begin with: no path, nothing that a file system refuses. */
export const plainName = (name: string): string =>
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  basename(name.replaceAll('\\', '/')).replace(/[<>:"|?*\u0000-\u001f]/g, '-') || 'straylight';

function dialogOptions(purpose: PickPurpose, words: Words): OpenDialogOptions {
  const { choose: buttonLabel } = words;
  switch (purpose) {
    case 'datasets':
      return {
        title: words.pickDatasets,
        buttonLabel,
        properties: ['openDirectory', 'multiSelections'],
      };
    case 'export':
      return {
        title: words.pickExport,
        buttonLabel,
        properties: ['openDirectory', 'createDirectory'],
      };
    case 'workspace':
      return {
        title: words.pickWorkspace,
        buttonLabel,
        properties: ['openDirectory', 'createDirectory'],
      };
    case 'model':
      return {
        title: words.pickModel,
        buttonLabel,
        properties: ['openFile'],
        filters: [{ name: words.modelFiles, extensions: ['safetensors'] }],
      };
    case 'key':
      return { title: words.pickKey, buttonLabel, properties: ['openFile'] };
    case 'report':
      return { title: words.pickReport, buttonLabel, properties: ['openDirectory'] };
  }
}
