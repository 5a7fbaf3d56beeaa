/** One process per workspace. The lock file says who; SQLite's own file lock is the last word. */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { diskError, errnoOf } from './disk-errors.ts';

const schema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** ISO 8601, when the workspace was opened. */
  since: z.string(),
  /** Tells a process from a later one with the same pid; null where the platform does not say. */
  processStart: z.string().nullable(),
  token: z.string(),
});

/** Who holds a workspace. */
export type LockHolder = z.infer<typeof schema>;

/** A lock that is held; `release` may be called twice. */
export interface WorkspaceLock {
  /** A lock of a dead process was taken over: the last exit was not clean. */
  readonly tookOver: boolean;
  release(): void;
}

const lockPath = (folder: string): string => join(folder, 'workspace.lock');

/**
 * Start of a process in clock ticks since boot, from /proc/<pid>/stat (field 22, see proc(5)).
 * Null on platforms without /proc.
 */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may contain spaces and brackets itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(holder: LockHolder): boolean {
  // Processes of another host cannot be looked at, so they count as alive.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  const start = processStart(holder.pid);
  return start === null || holder.processStart === null || start === holder.processStart;
}

/** Who holds the workspace by its lock file; null when nobody does or the file cannot be read. */
export function lockHolder(folder: string): LockHolder | null {
  try {
    return schema.parse(JSON.parse(readFileSync(lockPath(folder), 'utf8')));
  } catch {
    return null;
  }
}

/** The error of a workspace that another process has open. */
export function lockedError(folder: string, holder: LockHolder | null): AppError {
  if (holder === null) {
    return new AppError(
      'locked',
      `Workspace ${folder}: another process has its database open. Close it, then try again.`,
    );
  }
  const { pid, host, since } = holder;
  const elsewhere =
    host === hostname()
      ? ''
      : ` If that computer no longer uses it, delete ${lockPath(folder)} first.`;
  return new AppError(
    'locked',
    `Workspace ${folder}: in use by process ${pid} on ${host} since ${since}. ` +
      `Close it, or choose another workspace (--workspace or STRAYLIGHT_WORKSPACE).${elsewhere}`,
    { details: { pid, host, since } },
  );
}

/**
 * Takes the lock; that of a process that died is taken over.
 * @throws AppError('locked') naming pid and host of the holder
 */
export function acquireLock(folder: string, now: Date): WorkspaceLock {
  const path = lockPath(folder);
  const mine: LockHolder = {
    pid: process.pid,
    host: hostname(),
    since: now.toISOString(),
    processStart: processStart(process.pid),
    token: randomUUID(),
  };
  let tookOver = false;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, `${JSON.stringify(mine)}\n`, { flag: 'wx' });
      break;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, path, 1024);
    }
    const holder = lockHolder(folder);
    // Two processes may both find a dead holder and replace each other's file; then the database,
    // which is opened in exclusive mode, refuses one of them.
    if ((holder !== null && isAlive(holder)) || attempt > 0) throw lockedError(folder, holder);
    tookOver = true;
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw diskError(error, path, null);
    }
  }
  return {
    tookOver,
    release: () => {
      if (lockHolder(folder)?.token === mine.token) rmSync(path, { force: true });
    },
  };
}
