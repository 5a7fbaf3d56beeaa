/** Results that several callers wait for: computed once, kept while there is room, given up when nobody waits. */
import { AppError } from '../errors.ts';

/** One caller. */
export interface Waiting {
  /** Its waiting ends; the work goes on while others wait. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Entry<Value> {
  readonly promise: Promise<Value>;
  readonly abort: AbortController;
  readonly listeners: Set<(done: number, total: number) => void>;
  waiting: number;
  /** Null until it is done. */
  size: number | null;
}

export class SharedWork<Value> {
  private readonly entries = new Map<string, Entry<Value>>();
  private readonly room: number;
  private readonly sizeOf: (value: Value) => number;

  /** @param room how much is kept, in the units of `sizeOf`; the oldest used goes first */
  constructor(room: number, sizeOf: (value: Value) => number) {
    this.room = room;
    this.sizeOf = sizeOf;
  }

  /**
   * @param make starts the work; its signal fires when no caller waits any more
   * @throws AppError `cancelled` when this caller's signal fires; what the work throws, which is then forgotten
   */
  get(
    key: string,
    { signal, onProgress }: Waiting,
    make: (signal: AbortSignal, report: (done: number, total: number) => void) => Promise<Value>,
  ): Promise<Value> {
    if (signal?.aborted) return Promise.reject(cancelled());
    const known = this.entries.get(key);
    const entry = known && !known.abort.signal.aborted ? known : this.start(key, make);
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (entry.size !== null) return entry.promise;
    entry.waiting++;
    if (onProgress) entry.listeners.add(onProgress);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', stop);
        if (onProgress) entry.listeners.delete(onProgress);
        entry.waiting--;
      };
      const stop = (): void => {
        leave();
        if (entry.waiting === 0) entry.abort.abort('nobody waits');
        reject(cancelled());
      };
      signal?.addEventListener('abort', stop, { once: true });
      entry.promise.then(resolve, reject).finally(leave);
    });
  }

  /** Whether it is done and kept. */
  has(key: string): boolean {
    return (this.entries.get(key)?.size ?? null) !== null;
  }

  /** The next caller starts anew. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  private start(
    key: string,
    make: (signal: AbortSignal, report: (done: number, total: number) => void) => Promise<Value>,
  ): Entry<Value> {
    const abort = new AbortController();
    const listeners = new Set<(done: number, total: number) => void>();
    const promise = make(abort.signal, (done, total) => {
      for (const listener of listeners) listener(done, total);
    });
    const entry: Entry<Value> = { promise, abort, listeners, waiting: 0, size: null };
    promise.then(
      (value) => {
        entry.size = this.sizeOf(value);
        this.makeRoom(entry);
      },
      () => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    return entry;
  }

  private makeRoom(newest: Entry<Value>): void {
    let used = [...this.entries.values()].reduce((sum, { size }) => sum + (size ?? 0), 0);
    for (const [key, entry] of this.entries) {
      if (used <= this.room) return;
      if (entry.size === null || entry === newest) continue;
      used -= entry.size;
      this.entries.delete(key);
    }
  }
}

const cancelled = (): AppError => new AppError('cancelled', 'Cancelled.');
