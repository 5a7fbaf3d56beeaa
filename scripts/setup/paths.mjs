/** Where set-up reads and writes. */
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What set-up knows about this clone; safe to delete. */
export const SETUP_DIR = path.join(ROOT, '.setup');

/** The npm package whose addon is built here. */
export const TFJS_NODE_DIR = path.join(ROOT, 'node_modules', '@tensorflow', 'tfjs-node');

/**
 * The per-user cache shared by all clones.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @param {string} [home]
 * @returns {string}
 */
export function cacheDir(env = process.env, platform = process.platform, home = os.homedir()) {
  // The XDG specification tells to ignore relative paths.
  const xdg = env.XDG_CACHE_HOME;
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'straylight');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'straylight');
  if (platform === 'win32')
    return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'straylight');
  return path.join(home, '.cache', 'straylight');
}
