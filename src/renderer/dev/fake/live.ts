/** Time in the fake: at once in tests, at a human pace in the preview. */
import type { JobState } from '../../../contract/app.ts';
import type { JobEvent } from '../../../contract/common.ts';
import { cancelled } from '../../../rpc/errors.ts';
import type { Context } from './types.ts';

/** The tray's list, and who watches it. */
export class JobList {
  private jobs: readonly JobState[] = [];
  private readonly watchers = new Set<(jobs: JobState[]) => void>();

  get all(): readonly JobState[] {
    return this.jobs;
  }
  put(job: JobState): void {
    const known = this.jobs.some(({ id }) => id === job.id);
    this.jobs = known
      ? this.jobs.map((other) => (other.id === job.id ? job : other))
      : [...this.jobs, job];
    this.tell();
  }
  change(id: string, change: Partial<JobState>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
    this.tell();
  }
  clear(): void {
    this.jobs = this.jobs.filter(({ state }) => ['pending', 'running', 'paused'].includes(state));
    this.tell();
  }
  watch(watcher: (jobs: JobState[]) => void): () => void {
    this.watchers.add(watcher);
    watcher([...this.jobs]);
    return () => void this.watchers.delete(watcher);
  }
  private tell(): void {
    for (const watcher of this.watchers) watcher([...this.jobs]);
  }
}

/** Waits until the call is cancelled. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(cancelled());
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

let minted = 0;

/** Runs a pretended job: shown in the tray, a few words of progress, cancellable. */
export async function pretend(
  list: JobList,
  job: Pick<JobState, 'kind' | 'title'> & { readonly images: number; readonly stepMs: number },
  { signal, emit }: Context<JobEvent>,
): Promise<void> {
  const { kind, title, images, stepMs } = job;
  const id = `job-${minted++}`;
  const steps = stepMs > 0 ? 40 : 2;
  list.put({ id, kind, title, state: 'running', progress: null, runId: null, error: null, startedAt: new Date().toISOString(), endedAt: null }); // prettier-ignore
  for (let step = 1; step <= steps; step++) {
    if (stepMs > 0) await new Promise((resolve) => setTimeout(resolve, stepMs));
    const stopped = list.all.find((other) => other.id === id)?.state === 'cancelled';
    if (signal.aborted || stopped) {
      list.change(id, { state: 'cancelled', endedAt: new Date().toISOString() });
      throw cancelled();
    }
    const progress = {
      phase: title,
      value: step / steps,
      done: Math.round((images * step) / steps),
      total: images,
      unit: 'images' as const,
      ratePerS: 1412,
      remainingS: ((steps - step) * stepMs) / 1000,
    };
    emit({ type: 'progress', progress });
    list.change(id, { progress });
  }
  list.change(id, { state: 'succeeded', endedAt: new Date().toISOString() });
}
