/** One long request of a screen: progress while it runs, a way to cancel it, its result or its failure. */
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'; // prettier-ignore
import type { JobEvent, Failure, Progress } from '../../contract/common.ts';
import { isCancelled, toFailure } from './failure.ts';

export interface RunningJob<T> {
  readonly running: ComputedRef<boolean>;
  readonly progress: Readonly<Ref<Progress | null>>;
  readonly warnings: Readonly<Ref<readonly string[]>>;
  readonly result: Readonly<ShallowRef<T | null>>;
  /** Null when it was cancelled. */
  readonly error: Readonly<Ref<Failure | null>>;
  /** Starts it anew; null when it failed or was cancelled. */
  readonly run: (
    start: (options: { signal: AbortSignal; onEvent: (event: JobEvent) => void }) => Promise<T>,
  ) => Promise<T | null>;
  readonly cancel: () => void;
}

/**
 * `const tune = useJob<...>(); await tune.run((options) => api.job('doctor.tune', {}, options))`.
 * @param options.keep goes on when the screen closes (the job tray shows it); else closing cancels
 */
export function useJob<T>(options: { readonly keep?: boolean } = {}): RunningJob<T> {
  const controller = shallowRef<AbortController | null>(null);
  const progress = ref<Progress | null>(null);
  const warnings = ref<readonly string[]>([]);
  const result = shallowRef<T | null>(null);
  const error = ref<Failure | null>(null);

  const run: RunningJob<T>['run'] = async (start) => {
    controller.value?.abort();
    const own = new AbortController();
    controller.value = own;
    progress.value = null;
    warnings.value = [];
    error.value = null;
    const onEvent = (event: JobEvent): void => {
      if (controller.value !== own) return;
      if (event.type === 'progress') progress.value = event.progress;
      else warnings.value = [...warnings.value, event.text];
    };
    try {
      const value = await start({ signal: own.signal, onEvent });
      if (controller.value === own) result.value = value;
      return value;
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (controller.value === own && !isCancelled(failure)) error.value = failure;
      return null;
    } finally {
      if (controller.value === own) controller.value = null;
    }
  };
  const cancel = (): void => controller.value?.abort();
  if (!options.keep) onScopeDispose(cancel);
  return {
    running: computed(() => controller.value !== null),
    progress,
    warnings,
    result,
    error,
    run,
    cancel,
  };
}
