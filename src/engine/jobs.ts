/** Everything long that is under way, for the tray: what it is, how far, and how to stop it. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { JobState, jobKind } from '../contract/app.ts';
import type { JobEvent, Progress } from '../contract/common.ts';
import { AppError } from '../core/errors.ts';
import type { JobContext } from '../rpc/server.ts';
import { failureOf } from './failure.ts';
import { Throttle } from './throttle.ts';

export interface JobDescription {
  readonly kind: z.infer<typeof jobKind>;
  /** Shown in the tray, e.g. `Scan flowers`. */
  readonly title: string;
  readonly runId?: string;
}

/** What a job's work is given. */
export interface JobHooks {
  /** Fires when the caller or the tray cancels; a window that reloads does not cancel. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (text: string) => void;
}

interface Entry {
  state: JobState;
  readonly abort: AbortController;
}

/** Finished jobs stay on the list until cleared, but not without end. */
const KEPT = 200;

export class JobBoard {
  private readonly entries = new Map<string, Entry>();
  private readonly watchers = new Set<() => void>();

  /**
   * Runs work as a job on the board. Progress reaches the caller and the tray about ten times a second, numbered,
   * and the last one always.
   * @param context of the handler that was called; null for work nobody waits for
   */
  async run<Result>(
    { kind, title, runId }: JobDescription,
    context: JobContext<JobEvent> | null,
    work: (hooks: JobHooks) => Promise<Result>,
  ): Promise<Result> {
    const id = runId ?? randomUUID();
    const abort = new AbortController();
    const cancel = (): void => {
      if (context?.signal.reason !== 'closed') abort.abort('cancelled');
    };
    if (context?.signal.aborted) cancel();
    context?.signal.addEventListener('abort', cancel);
    this.set(id, abort, {
      id,
      kind,
      title,
      state: 'running',
      progress: null,
      runId: runId ?? null,
      error: null,
      startedAt: new Date().toISOString(),
      endedAt: null,
    });
    let sequence = 0;
    const throttle = new Throttle<Progress>((progress) => {
      const numbered = { ...progress, sequence: sequence++ };
      this.update(id, { progress: numbered });
      context?.emit({ type: 'progress', progress: numbered });
    });
    try {
      const result = await work({
        signal: abort.signal,
        onProgress: (progress) => throttle.push(progress),
        onWarning: (text) => context?.emit({ type: 'warning', text }),
      });
      throttle.flush();
      this.end(id, { state: 'succeeded' });
      return result;
    } catch (error) {
      throttle.flush();
      const stopped = error instanceof AppError && error.code === 'cancelled';
      this.end(id, stopped ? { state: 'cancelled' } : { state: 'failed', error: failureOf(error) });
      throw error;
    } finally {
      context?.signal.removeEventListener('abort', cancel);
    }
  }

  /** Training runs live in their queue; it mirrors them here. @param cancel stops the run */
  mirror(state: JobState, cancel: () => void): void {
    const abort = new AbortController();
    abort.signal.addEventListener('abort', cancel);
    this.set(state.id, abort, state);
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  list(): readonly JobState[] {
    return [...this.entries.values()].map(({ state }) => state);
  }

  /** @throws AppError `not-found` */
  cancel(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) throw new AppError('not-found', 'This job is not on the list any more.');
    if (entry.state.endedAt === null) entry.abort.abort('cancelled');
  }

  /** Takes finished jobs off the list. */
  clear(): void {
    for (const [id, { state }] of this.entries) if (state.endedAt !== null) this.entries.delete(id);
    this.changed();
  }

  /** Calls the listener now and after every change, about ten times a second at most, until the signal fires. */
  watch(listener: (jobs: readonly JobState[]) => void, signal: AbortSignal): Promise<void> {
    const throttle = new Throttle<null>(() => listener(this.list()));
    const watcher = (): void => throttle.push(null);
    watcher();
    this.watchers.add(watcher);
    return new Promise((resolve) => {
      const stop = (): void => {
        this.watchers.delete(watcher);
        throttle.drop();
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }

  private set(id: string, abort: AbortController, state: JobState): void {
    this.entries.set(id, { abort, state });
    for (const [old, entry] of this.entries) {
      if (this.entries.size <= KEPT) break;
      if (entry.state.endedAt !== null) this.entries.delete(old);
    }
    this.changed();
  }

  private update(id: string, change: Partial<JobState>): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.state = { ...entry.state, ...change };
    this.changed();
  }

  private end(id: string, change: Partial<JobState>): void {
    this.update(id, { ...change, endedAt: new Date().toISOString() });
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher();
  }
}
