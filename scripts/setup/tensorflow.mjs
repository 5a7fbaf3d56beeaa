/** TensorFlow's C library, taken out of the official Python wheel and kept in the per-user cache. */
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from './errors.mjs';
import { folderBytes, makeFolderAtomic, readJson, removeTree } from './files.mjs';
import { withLock } from './lock.mjs';
import { formatBytes, formatDuration, say, startProgress } from './log.mjs';
import { cacheDir } from './paths.mjs';
import { downloadWheels, findPip } from './pip.mjs';
import { run, which } from './process.mjs';
import { extractZip, readZipEntries } from './unzip.mjs';
import { isNeeded, TENSORFLOW_VERSION } from './wheels.mjs';

/** tfjs-node includes this header; the wheel of some platforms has it under another name only. */
const SHIM = 'tensorflow/include/tensorflow/core/platform/ctstring_internal.h';
const SHIM_TEXT = '#include "tsl/platform/ctstring_internal.h"\n';

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @returns {string} laid out like Python's site-packages, where the libraries look for their neighbours
 */
export function tensorflowDir(variant) {
  return path.join(cacheDir(), 'tensorflow', `${TENSORFLOW_VERSION}-${variant.name}`);
}

/**
 * @param {string} folder
 * @returns {boolean} whether every file that was put there is still there in full
 */
export function tensorflowReady(folder) {
  const manifest = readJson(path.join(folder, 'straylight.json'));
  if (!manifest?.files) return false;
  return Object.entries(manifest.files).every(
    ([name, bytes]) =>
      fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size === bytes,
  );
}

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @returns {Promise<string>} the folder
 * @throws {SetupError}
 */
export async function ensureTensorflow(variant) {
  const folder = tensorflowDir(variant);
  if (tensorflowReady(folder)) return folder;
  return withLock(`${folder}.lock`, async () => {
    if (!tensorflowReady(folder)) await fetchTensorflow(variant, folder);
    return folder;
  });
}

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @param {string} folder
 */
async function fetchTensorflow(variant, folder) {
  const pip = await findPip();
  const label = `TensorFlow ${TENSORFLOW_VERSION} (${variant.tier})`;
  checkSpace(path.dirname(folder), variant);
  await makeFolderAtomic(folder, async (temporary) => {
    const downloads = path.join(temporary, 'download');
    const { wheels, seconds } = await downloadWheels(pip, { ...variant, label, folder: downloads });
    const bytes = wheels.reduce((sum, wheel) => sum + fs.statSync(wheel).size, 0);
    say(`${label}: ${formatBytes(bytes)} downloaded (${formatDuration(seconds)}).`);
    await unpack(wheels, temporary, label);
    removeTree(downloads);
    const shim = path.join(temporary, SHIM);
    if (!fs.existsSync(shim)) fs.writeFileSync(shim, SHIM_TEXT);
    await strip(variant, temporary);
    fs.writeFileSync(
      path.join(temporary, 'straylight.json'),
      JSON.stringify({ requirements: variant.requirements, files: listFiles(temporary) }),
    );
  });
  say(`${label}: ready in ${folder} (${formatBytes(folderBytes(folder))}).`);
}

/**
 * @param {readonly string[]} wheels deleted one by one, to spare disk
 * @param {string} folder
 * @param {string} label
 */
async function unpack(wheels, folder, label) {
  let total = 0;
  for (const wheel of wheels)
    for (const { name, bytes } of await readZipEntries(wheel)) if (isNeeded(name)) total += bytes;
  const progress = startProgress(`${label}, unpacking`, { total, unit: 'bytes' });
  let done = 0;
  for (const wheel of wheels) {
    const entries = await extractZip(wheel, folder, isNeeded, (bytes) =>
      progress.update(done + bytes),
    );
    done += entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name } of entries)
      if (/\/bin\/[^/]+$/.test(name)) fs.chmodSync(path.join(folder, name), 0o755);
    fs.rmSync(wheel);
  }
  progress.finish();
}

/**
 * Removes symbol tables, a quarter of the size. Not on macOS, where it would break the code signature.
 * @param {import('./wheels.mjs').Variant} variant
 * @param {string} folder
 */
async function strip(variant, folder) {
  const program = process.platform === 'linux' ? which('strip') : null;
  if (!program) return;
  for (const name of variant.libraries) {
    const library = path.join(folder, 'tensorflow', name);
    const stripped = `${library}.stripped`;
    const { code } = await run(program, ['--strip-unneeded', '-o', stripped, library]);
    if (code === 0) fs.renameSync(stripped, library);
    else fs.rmSync(stripped, { force: true });
  }
}

/**
 * @param {string} folder
 * @returns {Record<string, number>}
 */
function listFiles(folder) {
  /** @type {Record<string, number>} */
  const files = {};
  const visit = (/** @type {string} */ relative) => {
    for (const entry of fs.readdirSync(path.join(folder, relative), { withFileTypes: true })) {
      const name = path.posix.join(relative, entry.name);
      if (entry.isDirectory()) visit(name);
      else files[name] = fs.statSync(path.join(folder, name)).size;
    }
  };
  visit('');
  return files;
}

/**
 * @param {string} folder
 * @param {import('./wheels.mjs').Variant} variant
 */
function checkSpace(folder, variant) {
  // The download and what is unpacked from it lie side by side for a while.
  const needed = variant.tier === 'cuda' ? 10e9 : 2e9;
  fs.mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new SetupError(
    `${folder} has ${formatBytes(bavail * bsize)} free and TensorFlow needs ${formatBytes(needed)} while it is unpacked`,
    'Free some space, or point XDG_CACHE_HOME to a larger disk, then run the same command again.',
  );
}
