/** One set-up at a time: a lock file that names its holder and is touched while held. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from './files.mjs';
import { say } from './log.mjs';
import { onInterrupt } from './process.mjs';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;

/**
 * Runs `work` while holding the lock; waits for another holder, and takes over from one that died.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryLock(file)) {
    if (breakStaleLock(file)) continue;
    if (!told) {
      const pid = readJson(file)?.pid;
      say(`Another set-up is running${pid ? ` (process ${pid})` : ''}; waiting for it to finish.`);
      told = true;
    }
    await sleep(200);
  }
  const release = () => fs.rmSync(file, { force: true });
  const forget = onInterrupt(release);
  const heartbeat = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now, () => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    forget();
    release();
  }
}

/** @param {string} file @returns {boolean} */
function tryLock(file) {
  try {
    const holder = { pid: process.pid, host: os.hostname() };
    fs.writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {boolean} whether the lock is gone
 */
function breakStaleLock(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) return true;
  const holder = readJson(file);
  const died = holder?.host === os.hostname() && !isAlive(holder.pid);
  if (!died && Date.now() - stat.mtimeMs < STALE_MS) return false;
  // Renamed before it is removed: of two waiters only one succeeds, and a lock taken in between is noticed.
  const aside = `${file}.stale-${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return true;
  }
  const taken = fs.statSync(aside).ino !== stat.ino;
  if (taken) fs.linkSync(aside, file);
  fs.rmSync(aside, { force: true });
  return !taken;
}

/** @param {unknown} pid @returns {boolean} */
function isAlive(pid) {
  if (typeof pid !== 'number') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
