/** `npm start`: the window in Electron, or in the browser where Electron cannot open one. */
import fs from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureSystemPackages, missingLibraries } from './setup/apt.mjs';
import { foreground } from './setup/foreground.mjs';
import { say } from './setup/log.mjs';
import { ROOT } from './setup/paths.mjs';

/** A window that fails within this time never opened. */
const OPENING_MS = 15_000;
/** Ctrl-C and SIGTERM, as shells report them: the user ended it. */
const ENDED_BY_USER = [0, 130, 143];
const USERNS_RESTRICTION = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';

/**
 * @param {import('./setup/state.mjs').SetupState} state
 * @param {readonly string[]} args `--web` asks for the browser
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code
 */
export async function start(state, args, env) {
  const built = await ensureBuilt(state.node, env);
  if (built !== 0) return built;
  const rest = args.filter((argument) => argument !== '--web');
  if (rest.length < args.length) return serve(state, rest, env, null);
  const reason = await whyNoWindow(state, env);
  if (reason !== null || !state.electron) return serve(state, rest, env, reason);
  const started = performance.now();
  // As root Chromium refuses to run in its sandbox; nobody else goes without it.
  const sandbox = isRoot() ? ['--no-sandbox'] : [];
  const code = await foreground(state.electron.path, [...sandbox, ROOT, ...rest], env);
  if (ENDED_BY_USER.includes(code) || performance.now() - started > OPENING_MS) return code;
  return serve(state, rest, env, `Electron ended at once with exit code ${code}`);
}

/**
 * @param {import('./setup/state.mjs').SetupState} state
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {string | null} reason why there is no window; null when the browser was asked for
 * @returns {Promise<number>} exit code
 */
function serve(state, args, env, reason) {
  if (reason !== null) say(`The window opens in a browser instead of Electron: ${reason}.`);
  return foreground(state.node, [path.join(ROOT, 'src', 'cli', 'main.ts'), 'serve', ...args], env);
}

/**
 * @param {import('./setup/state.mjs').SetupState} state
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | null>} null when Electron can open one
 */
async function whyNoWindow(state, env) {
  if (!state.electron) return 'no Electron binary could be had (see above)';
  if (!hasDisplay(env)) return 'there is no display (DISPLAY and WAYLAND_DISPLAY are unset)';
  let missing = await missingLibraries(state.electron.path);
  if (missing.length > 0 && isRoot() && (await ensureSystemPackages()))
    missing = await missingLibraries(state.electron.path);
  if (missing.length > 0)
    return `Electron lacks ${missing.join(', ')} of the system (on Debian and Ubuntu, installing \`chromium\` brings them all)`;
  const helper = path.join(path.dirname(state.electron.path), 'chrome-sandbox');
  if (!isRoot() && sandboxForbidden() && !isSetuidRoot(helper))
    return `this system forbids Electron's sandbox (kernel.apparmor_restrict_unprivileged_userns = 1); to allow it: sudo chown root ${helper} && sudo chmod 4755 ${helper}`;
  return null;
}

const isRoot = () => process.getuid?.() === 0;

/** @returns {boolean} whether the kernel lets only chosen programs make user namespaces, as Ubuntu does since 23.10 */
function sandboxForbidden() {
  try {
    return fs.readFileSync(USERNS_RESTRICTION, 'utf8').trim() === '1';
  } catch {
    return false;
  }
}

/** @param {string} file */
function isSetuidRoot(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat?.uid === 0 && (stat.mode & 0o4000) !== 0;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} [platform]
 * @returns {boolean}
 */
export function hasDisplay(env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
