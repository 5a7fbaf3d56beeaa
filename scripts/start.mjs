/** `npm start`: builds the window when its sources are newer, then opens it. */
import fs from 'node:fs';
import path from 'node:path';
import { ensureSystemPackages } from './setup/apt.mjs';
import { foreground } from './setup/foreground.mjs';
import { say } from './setup/log.mjs';
import { ROOT } from './setup/paths.mjs';

/**
 * @param {import('./setup/state.mjs').SetupState} state
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code
 */
export async function start(state, args, env) {
  if (!state.electron) {
    say('The window cannot open without Electron. Use `npm run straylight -- --help` meanwhile.');
    return 1;
  }
  if (!hasDisplay(env)) {
    say(
      'The window cannot open: there is no display (DISPLAY and WAYLAND_DISPLAY are unset). Use `npm run straylight -- --help`, or `xvfb-run -a npm start`.',
    );
    return 1;
  }
  await ensureSystemPackages();
  if (!isBuilt()) {
    const builder = path.join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const code = await foreground(state.node, [builder, 'build'], env);
    if (code !== 0) return code;
  }
  // As root Chromium refuses to run in its sandbox; nobody else goes without it.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return foreground(state.electron.path, [...sandbox, ROOT, ...args], env);
}

/** @returns {boolean} whether this version has a window; says so when not */
export function hasWindow() {
  if (fs.existsSync(path.join(ROOT, 'src', 'main', 'index.ts'))) return true;
  say(
    'The window is not part of this version yet. Use `npm run demo`, or `npm run straylight -- --help`.',
  );
  return false;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} [platform]
 * @returns {boolean}
 */
export function hasDisplay(env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** @returns {boolean} whether out/ is newer than every source */
function isBuilt() {
  const built = fs.statSync(path.join(ROOT, 'out', 'main', 'index.js'), { throwIfNoEntry: false });
  if (!built) return false;
  return ['src', 'package-lock.json', 'electron.vite.config.ts'].every(
    (name) => newestMs(path.join(ROOT, name)) <= built.mtimeMs,
  );
}

/** @param {string} target @returns {number} newest modification time within, 0 when missing */
function newestMs(target) {
  const stat = fs.statSync(target, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return fs
    .readdirSync(target)
    .reduce((newest, name) => Math.max(newest, newestMs(path.join(target, name))), stat.mtimeMs);
}
