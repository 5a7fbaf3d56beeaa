/** The engine: what it runs on, whether it lives, whether the workspace opened. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { EngineInfo } from '../../../contract/app.ts';
import type { Failure } from '../../../contract/common.ts';
import type { EngineState } from '../../../contract/host.ts';
import { useApi } from '../api.ts';
import { toFailure } from '../failure.ts';
import { useHost } from '../host.ts';
import { useToasts } from './toasts.ts';

export const useEngine = defineStore('engine', () => {
  const api = useApi();
  const host = useHost();
  const toasts = useToasts();

  const state = ref<EngineState>({ state: 'starting' });
  const info = ref<EngineInfo | null>(null);
  const error = ref<Failure | null>(null);
  /** Counts the engine's lives; whatever follows the engine starts over when it changes. */
  const life = ref(0);
  const resumeWhenBack = ref(false);

  const gone = computed(() => (state.value.state === 'gone' ? state.value : null));
  const interrupted = computed(() => info.value?.interruptedRuns ?? []);

  async function refresh(): Promise<void> {
    try {
      info.value = await api.call('app.info', {});
      error.value = null;
      // A window that was reloaded may have missed the word that the engine runs.
      if (state.value.state === 'starting') state.value = { state: 'running' };
      if (life.value === 0) life.value = 1;
    } catch (thrown) {
      error.value = toFailure(thrown);
    }
  }

  async function resumeInterrupted(): Promise<void> {
    for (const runId of interrupted.value) {
      try {
        await api.call('runs.resume', { runId });
      } catch (thrown) {
        toasts.failed(toFailure(thrown));
      }
    }
    await refresh();
  }

  /** @param resume also lets interrupted runs go on, once the engine is back */
  async function restart(resume = false): Promise<void> {
    resumeWhenBack.value = resume;
    try {
      await host.api.restartEngine();
    } catch (thrown) {
      toasts.failed(toFailure(thrown));
    }
  }

  host.api.onEngineState((changed) => {
    const before = state.value.state;
    state.value = changed;
    if (changed.state !== 'running' || before === 'running') return;
    life.value++;
    void refresh().then(() => {
      if (!resumeWhenBack.value) return;
      resumeWhenBack.value = false;
      return resumeInterrupted();
    });
  });

  return { state, gone, info, error, life, interrupted, refresh, restart, resumeInterrupted };
});
