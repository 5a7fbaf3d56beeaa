/** Files that appear whole or not at all. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { onInterrupt } from './process.mjs';

/**
 * @param {string} file
 * @param {string | Buffer} content
 */
export function writeFileAtomic(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, file);
}

/**
 * @param {string} file
 * @returns {any} null when the file is missing or damaged
 */
export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {readonly (string | Buffer)[]} parts
 * @returns {string} hex
 */
export function sha256(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(String(part.length)).update(':').update(part);
  return hash.digest('hex');
}

/** @param {string} file @returns {string} hex */
export function sha256OfFile(file) {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

/**
 * Makes a folder in a temporary place and renames it when `fill` has succeeded; leftovers of killed runs are removed.
 * The caller holds a lock for the folder.
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} fill
 */
export async function makeFolderAtomic(folder, fill) {
  const parent = path.dirname(folder);
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent))
    if (name.startsWith(`${path.basename(folder)}.tmp-`)) removeTree(path.join(parent, name));
  const temporary = fs.mkdtempSync(`${folder}.tmp-`);
  const forget = onInterrupt(() => removeTree(temporary));
  try {
    await fill(temporary);
    removeTree(folder);
    fs.renameSync(temporary, folder);
  } finally {
    forget();
    removeTree(temporary);
  }
}

/** @param {string} target */
export function removeTree(target) {
  fs.rmSync(target, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Bytes in a folder, its subfolders included; 0 when it is missing.
 * @param {string} folder
 * @returns {number}
 */
export function folderBytes(folder) {
  let bytes = 0;
  /** @type {fs.Dirent[]} */
  let entries;
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(file);
    else bytes += fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
