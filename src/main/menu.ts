import { app, Menu, shell, type MenuItemConstructorOptions } from 'electron';
import { externalPages } from '../contract/external-pages.ts';
import type { Words } from './words.ts';

/** The menu bar: what a platform's users expect of any window. The app's own commands are in its palette. */
export function setMenu(words: Words): void {
  const page = (label: string, url: string): MenuItemConstructorOptions => ({
    label,
    click: () => void shell.openExternal(url),
  });
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    { label: words.file, submenu: [{ role: 'quit' }] },
    { label: words.edit, role: 'editMenu' },
    {
      label: words.view,
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'reload' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
      ],
    },
    { label: words.window, role: 'windowMenu' },
    {
      label: words.help,
      submenu: [
        page(words.paper, externalPages.energyPaper),
        page(words.drivers, externalPages.nvidiaDrivers),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
