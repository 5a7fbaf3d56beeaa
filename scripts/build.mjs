/** Builds the window into out/ when its sources are newer. */
import fs from 'node:fs';
import path from 'node:path';
import { foreground } from './setup/foreground.mjs';
import { say } from './setup/log.mjs';
import { ROOT } from './setup/paths.mjs';

export const BUILDER = path.join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');

/** What a whole build leaves, in the order in which it is written. */
const RESULTS = ['main/index.js', 'preload/index.cjs', 'renderer/index.html'];
const SOURCES = ['src', 'package-lock.json', 'electron.vite.config.ts', 'vite.renderer.config.ts'];

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code
 */
export async function ensureBuilt(node, env) {
  if (isBuilt()) return 0;
  say('Building the window.');
  return foreground(node, [BUILDER, 'build', '--logLevel', 'warn'], env);
}

/** @param {string} [root] @returns {boolean} whether out/ is whole and newer than every source */
export function isBuilt(root = ROOT) {
  const times = RESULTS.map(
    (name) => fs.statSync(path.join(root, 'out', name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  const builtMs = Math.min(...times);
  return SOURCES.every((name) => newestMs(path.join(root, name)) <= builtMs);
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
