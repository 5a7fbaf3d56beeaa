/** Installs the npm packages exactly as the lockfile says, and only when they are not there yet. */
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from './errors.mjs';
import { readJson, sha256OfFile, writeFileAtomic } from './files.mjs';
import { formatDuration, say, startProgress } from './log.mjs';
import { ROOT, SETUP_DIR } from './paths.mjs';
import { run, which } from './process.mjs';

const STAMP = path.join(SETUP_DIR, 'packages.json');

/**
 * @param {string} text what npm or pip wrote
 * @returns {boolean}
 */
export function isNetworkFailure(text) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET|network|Retrying \(Retry|timed out|Temporary failure in name resolution|ProxyError|Max retries exceeded/i.test(
    text,
  );
}

/**
 * Whether the installed packages are those of the lockfile: npm writes the inner lockfile last, so a broken install has none.
 * Packages that npm left out on this platform (optional ones) are not missed.
 * @param {any} lock package-lock.json
 * @param {any} installed node_modules/.package-lock.json
 * @returns {boolean}
 */
export function packagesMatch(lock, installed) {
  if (!lock?.packages || !installed?.packages) return false;
  return Object.entries(lock.packages).every(([place, wanted]) => {
    if (place === '') return true;
    const found = installed.packages[place];
    if (!found)
      return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** @param {string} [root] @returns {boolean} */
export function packagesReady(root = ROOT) {
  const stamp = readJson(STAMP);
  const inner = path.join(root, 'node_modules', '.package-lock.json');
  const stat = fs.statSync(inner, { throwIfNoEntry: false });
  return (
    stat !== undefined &&
    stamp?.lockfile === lockfileHash(root) &&
    stamp.installedMs === stat.mtimeMs
  );
}

/** Makes node_modules match the lockfile. @throws {SetupError} */
export async function ensurePackages() {
  if (packagesReady()) return;
  const lock = readJson(path.join(ROOT, 'package-lock.json'));
  if (!lock)
    throw new SetupError(
      'package-lock.json is missing or damaged',
      'Restore it with `git checkout package-lock.json`.',
    );
  const inner = path.join(ROOT, 'node_modules', '.package-lock.json');
  const matches = () => packagesMatch(lock, readJson(inner));
  if (!matches()) await install(placesHere(lock));
  if (!matches())
    throw new SetupError(
      'npm packages: node_modules does not match package-lock.json after `npm ci`',
      'Another npm may be at work in this folder: wait for it, then run the same command again.',
    );
  writeFileAtomic(
    STAMP,
    JSON.stringify({ lockfile: lockfileHash(ROOT), installedMs: fs.statSync(inner).mtimeMs }),
  );
}

/**
 * How to start npm: the one that started us, else the one on PATH.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ command: string, prefix: string[] } | null}
 */
export function findNpm(env = process.env) {
  const script = env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script) && fs.existsSync(script))
    return { command: process.execPath, prefix: [script] };
  const command = which('npm', env);
  return command ? { command, prefix: [] } : null;
}

/**
 * @param {any} lock package-lock.json
 * @param {string} [platform]
 * @param {string} [arch]
 * @returns {string[]} the folders of the packages that are for this platform
 */
export function placesHere(lock, platform = process.platform, arch = process.arch) {
  const fits = (/** @type {string | string[] | undefined} */ list, /** @type {string} */ here) =>
    list === undefined || [list].flat().includes(here);
  return Object.entries(lock.packages)
    .filter(([place, { os, cpu }]) => place !== '' && fits(os, platform) && fits(cpu, arch))
    .map(([place]) => place);
}

/** @param {readonly string[]} places */
async function install(places) {
  const npm = findNpm();
  if (!npm)
    throw new SetupError(
      'npm was not found',
      'Install Node.js with npm from https://nodejs.org and run the same command again.',
    );
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  for (let attempt = 1; ; attempt++) {
    const progress = startProgress('npm packages', { total: places.length, unit: 'packages' });
    const timer = setInterval(() => progress.update(countInstalled(places)), 500);
    const result = await run(npm.command, [...npm.prefix, ...args], { cwd: ROOT });
    clearInterval(timer);
    const seconds = progress.finish();
    if (result.code === 0) {
      say(`npm packages: ${countInstalled(places)} installed (${formatDuration(seconds)}).`);
      return;
    }
    const text = `${result.stdout}\n${result.stderr}`;
    const network = isNetworkFailure(text);
    if (network && attempt === 1) {
      say('npm packages: the network failed; trying once more.');
      continue;
    }
    if (network)
      throw new SetupError(
        `npm packages: the package registry cannot be reached (${firstError(text)})`,
        'Connect to the internet (behind a proxy: `npm config set proxy` and `https-proxy`) and run the same command again.',
        { transient: true },
      );
    throw new SetupError(
      `npm packages: \`npm ci\` failed (${firstError(text)})`,
      `Its output:\n${text.trim()}`,
    );
  }
}

/** @param {readonly string[]} places @returns {number} */
function countInstalled(places) {
  return places.filter((place) => fs.existsSync(path.join(ROOT, place, 'package.json'))).length;
}

/** @param {string} root @returns {string} */
function lockfileHash(root) {
  return sha256OfFile(path.join(root, 'package-lock.json'));
}

/** @param {string} text @returns {string} */
function firstError(text) {
  const line =
    text.split('\n').find((candidate) => /error/i.test(candidate)) ?? text.trim().split('\n')[0];
  return (line ?? 'no output').replace(/^npm (ERR!|error)\s*/, '').trim();
}
