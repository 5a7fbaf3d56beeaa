import { homedir } from 'node:os';
import { posix, resolve, win32 } from 'node:path';

/**
 * The workspace folder when none is named: `STRAYLIGHT_WORKSPACE`, else the platform's place for
 * application data (XDG base directories on Linux, Application Support on macOS, roaming on Windows).
 * @returns an absolute path; the folder may not exist yet
 */
export function defaultWorkspace(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const chosen = env.STRAYLIGHT_WORKSPACE;
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32') {
    const roaming = env.APPDATA;
    const base = roaming ? roaming : win32.join(home, 'AppData', 'Roaming');
    return win32.join(base, 'Straylight');
  }
  if (platform === 'darwin') {
    return posix.join(home, 'Library', 'Application Support', 'Straylight');
  }
  // The XDG specification: relative paths in these variables are invalid and ignored.
  const xdg = env.XDG_DATA_HOME ?? '';
  const base = posix.isAbsolute(xdg) ? xdg : posix.join(home, '.local', 'share');
  return posix.join(base, 'straylight');
}
