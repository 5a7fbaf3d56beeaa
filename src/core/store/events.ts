/**
 * The story of a run as JSON lines (`events.jsonl`), appended only.
 *
 * Every event is handed to the operating system at once, so a killed process loses none. It is
 * flushed to the device at most once a second and on `sync` and `close`, so a power cut loses at
 * most the last second of progress; the state of a run is in the database, which flushes every commit.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { diskError } from './disk-errors.ts';

const flushIntervalMs = 1000;
const newline = 0x0a;

/** What a log holds. Nothing is dropped in silence: unreadable lines are listed. */
export interface EventHistory {
  /** Parsed lines in order; the caller validates their shape. */
  readonly events: readonly unknown[];
  /** Text of a last line without its end: the process died while writing it. Null if complete. */
  readonly cutOff: string | null;
  /** Line numbers, from 1, of complete lines that are not JSON. */
  readonly damagedLines: readonly number[];
}

/**
 * Reads a log; a missing one is empty.
 * @throws AppError('unreadable') when the operating system refuses
 */
export function readEvents(path: string): EventHistory {
  if (!existsSync(path)) return { events: [], cutOff: null, damagedLines: [] };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw diskError(error, path, null);
  }
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const events: unknown[] = [];
  const damagedLines: number[] = [];
  for (const [index, line] of lines.entries()) {
    try {
      events.push(JSON.parse(line));
    } catch {
      damagedLines.push(index + 1);
    }
  }
  return { events, cutOff: last === '' ? null : last, damagedLines };
}

/** Appends events. One writer per file: the holder of the workspace. */
export class EventLog {
  readonly path: string;
  private readonly file: number;
  /** End of the last complete event. */
  private size: number;
  private lastFlushMs = performance.now();
  private closed = false;

  /**
   * Opens or creates the log. A last line that was cut off is removed, so that the next event starts
   * on its own line; read the log first if that is of interest.
   * @throws AppError('unreadable' | 'no-space' | ...)
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.size = existsSync(path) ? readFileSync(path).lastIndexOf(newline) + 1 : 0;
      this.file = openSync(path, 'a');
      ftruncateSync(this.file, this.size);
    } catch (error) {
      throw diskError(error, path, null);
    }
  }

  /** @throws AppError('no-space') when the disk is full; the log is still readable */
  append(event: object): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      for (let written = 0; written < line.length;) {
        written += writeSync(this.file, line, written);
      }
    } catch (error) {
      // Half a line would swallow the next event.
      ftruncateSync(this.file, this.size);
      throw diskError(error, this.path, line.length);
    }
    this.size += line.length;
    if (performance.now() - this.lastFlushMs >= flushIntervalMs) this.sync();
  }

  /** Flushes to the device. */
  sync(): void {
    try {
      fsyncSync(this.file);
    } catch (error) {
      throw diskError(error, this.path, null);
    }
    this.lastFlushMs = performance.now();
  }

  /** Flushes and closes; a second call does nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.sync();
    } finally {
      closeSync(this.file);
    }
  }
}
