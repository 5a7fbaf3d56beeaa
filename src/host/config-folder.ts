import { homedir } from 'node:os';
import { posix, resolve, win32 } from 'node:path';

/**
 * Where settings are kept, apart from every workspace: `STRAYLIGHT_CONFIG`, else the platform's place for the
 * configuration of applications. The window and the local web server share it.
 * @returns an absolute path; the folder may not exist yet
 */
export function configFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const chosen = env['STRAYLIGHT_CONFIG'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32')
    return win32.join(env['LOCALAPPDATA'] ?? win32.join(home, 'AppData', 'Local'), 'Straylight');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Preferences', 'Straylight');
  // The XDG specification: a relative path in this variable is invalid and ignored.
  const xdg = env['XDG_CONFIG_HOME'] ?? '';
  return posix.join(posix.isAbsolute(xdg) ? xdg : posix.join(home, '.config'), 'straylight');
}
