/** The job tray: mirrors the engine's list, also after a reload or a restart of the engine. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { JobState } from '../../../contract/app.ts';
import { useApi } from '../api.ts';
import { toFailure } from '../failure.ts';
import { useEngine } from './engine.ts';
import { useToasts } from './toasts.ts';

export type JobKind = JobState['kind'];

const LIVE: readonly JobState['state'][] = ['pending', 'running', 'paused'];
export const isLive = (job: JobState): boolean => LIVE.includes(job.state);

export const useJobs = defineStore('jobs', () => {
  const api = useApi();
  const engine = useEngine();
  const toasts = useToasts();

  const jobs = shallowRef<readonly JobState[]>([]);
  const live = computed(() => jobs.value.filter(isLive));
  const running = computed(() => jobs.value.filter((job) => job.state === 'running'));
  const failed = computed(() => jobs.value.filter((job) => job.state === 'failed'));

  const listeners = new Set<{ kinds: readonly JobKind[]; listener: (job: JobState) => void }>();
  /** Called when a job of these kinds ends, however it ends. Returns the way to stop. */
  function onEnded(kinds: readonly JobKind[], listener: (job: JobState) => void): () => void {
    const entry = { kinds, listener };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  function take(list: readonly JobState[]): void {
    const wasLive = new Set(live.value.map((job) => job.id));
    jobs.value = list;
    for (const job of list)
      if (wasLive.has(job.id) && !isLive(job))
        for (const { kinds, listener } of listeners) if (kinds.includes(job.kind)) listener(job);
  }

  let watching: AbortController | null = null;
  function follow(): void {
    watching?.abort();
    const controller = new AbortController();
    watching = controller;
    api
      .job('jobs.watch', {}, { signal: controller.signal, onEvent: take })
      // It ends when cancelled or with the engine; the engine's next life starts it again.
      .catch(() => undefined);
  }
  watch(
    () => engine.life,
    (life) => life > 0 && follow(),
    { immediate: true, flush: 'sync' },
  );

  const ask = async (request: () => Promise<unknown>): Promise<void> => {
    try {
      await request();
    } catch (thrown) {
      toasts.failed(toFailure(thrown));
    }
  };
  const cancel = (job: JobState): Promise<void> =>
    ask(() => api.call('jobs.cancel', { jobId: job.id }));
  /** Training runs only: the others are short, and start over. */
  const pause = (job: JobState): Promise<void> =>
    ask(() => api.call('runs.pause', { runId: job.runId! }));
  const resume = (job: JobState): Promise<void> =>
    ask(() => api.call('runs.resume', { runId: job.runId! }));
  const clear = (): Promise<void> => ask(() => api.call('jobs.clear', {}));

  return { jobs, live, running, failed, onEnded, follow, cancel, pause, resume, clear };
});
