/** Data that a screen shows: asked for when what it depends on changes, the newest answer wins. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { Failure } from '../../contract/common.ts';
import { toFailure } from './failure.ts';
import { useEngine } from './stores/engine.ts';
import { useJobs, type JobKind } from './stores/jobs.ts';

export interface Query<T> {
  /** The last answer; kept while a newer one is on its way, so that screens do not flicker. */
  readonly data: Readonly<ShallowRef<T | null>>;
  readonly error: Readonly<Ref<Failure | null>>;
  readonly loading: Readonly<Ref<boolean>>;
  readonly reload: () => Promise<void>;
  /** Puts an answer in that is known already, such as the result of a change. */
  readonly set: (value: T) => void;
}

/**
 * `const datasets = useQuery(() => api.call('datasets.list', {}))`. The function runs at once, whenever something
 * reactive that it reads (before its first await) changes, and after each job of the kinds in `after`.
 * Return null where there is nothing to ask for yet.
 */
export function useQuery<T>(
  ask: (signal: AbortSignal) => Promise<T> | null,
  options: { readonly after?: readonly JobKind[] } = {},
): Query<T> {
  const data = shallowRef<T | null>(null);
  const error = ref<Failure | null>(null);
  const loading = ref(false);
  let current: AbortController | null = null;

  const follow = async (answer: Promise<T> | null, controller: AbortController): Promise<void> => {
    if (answer === null) {
      data.value = null;
      loading.value = false;
      return;
    }
    loading.value = true;
    try {
      const value = await answer;
      if (current !== controller) return;
      data.value = value;
      error.value = null;
    } catch (thrown) {
      if (current !== controller) return;
      const failure = toFailure(thrown);
      // The banner tells about it, for all screens at once; this asks again when the engine is back.
      if (failure.code === 'engine-gone') return;
      error.value = failure;
    }
    loading.value = false;
  };
  /** @param _again read so that `reload` asks again */
  const begin = (_again?: number): AbortController => {
    current?.abort();
    return (current = new AbortController());
  };

  const trigger = ref(0);
  let pending: Promise<void> = Promise.resolve();
  watch(
    () => {
      const controller = begin(trigger.value);
      let answer: Promise<T> | null;
      try {
        answer = ask(controller.signal);
      } catch (thrown) {
        answer = Promise.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
      return { answer, controller };
    },
    ({ answer, controller }) => {
      pending = follow(answer, controller);
    },
    { immediate: true, flush: 'sync' },
  );

  const reload = async (): Promise<void> => {
    trigger.value++;
    await pending;
  };
  const engine = useEngine();
  watch(
    () => engine.life,
    (_now, before) => {
      // Its first life is the one that was asked already.
      if (before > 0) void reload();
    },
  );
  if (options.after) onScopeDispose(useJobs().onEnded(options.after, () => void reload()));
  onScopeDispose(() => begin().abort());
  return {
    data,
    error,
    loading,
    reload,
    set: (value) => {
      begin();
      data.value = value;
      error.value = null;
      loading.value = false;
    },
  };
}
