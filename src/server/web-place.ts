/** What the local web server can and cannot do for a page in a browser. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { HostPlace } from '../host/host-handlers.ts';
import { RemoteError } from '../rpc/errors.ts';

const forbidden = (message: string) => (): Promise<never> =>
  Promise.reject(new RemoteError('forbidden', message));

export const webPlace: HostPlace = {
  kind: 'web',
  locale: Intl.DateTimeFormat().resolvedOptions().locale,
  thumbnailBase: '/thumb/',
  pick: forbidden('A browser cannot show a folder of the server’s machine. Type its path.'),
  saveFile: forbidden('A browser saves files itself.'),
  openExternal: forbidden('A browser opens pages itself.'),
  reveal: forbidden('The folder is on the server’s machine; its path is in the settings.'),
  typedPath: (path) => {
    const typed = path.trim();
    const absolute = /^~[/\\]/.test(typed) ? join(homedir(), typed.slice(2)) : typed;
    if (isAbsolute(absolute) && !absolute.includes('\0')) return absolute;
    throw new AppError('usage', `${JSON.stringify(typed.slice(0, 200))} is not a full path. Give the whole path, from / or ~/ on, as it is on the machine that Straylight runs on.`); // prettier-ignore
  },
};
