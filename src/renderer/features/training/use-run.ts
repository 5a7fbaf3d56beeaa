/** The story of one run: replayed from its first event, then followed. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { Failure, Progress } from '../../../contract/common.ts';
import type { EpochRecord, RunEvent, RunSummary } from '../../../contract/training.ts';
import { useApi } from '../../app/api.ts';
import { isCancelled, toFailure } from '../../app/failure.ts';
import { useEngine } from '../../app/stores/engine.ts';

export interface StepPoint {
  readonly step: number;
  readonly loss: number;
  /** Terms of the loss by name, before their weights. */
  readonly terms: Readonly<Record<string, number>>;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
}

export interface RunStory {
  readonly run: Readonly<ShallowRef<RunSummary | null>>;
  readonly steps: Readonly<ShallowRef<readonly StepPoint[]>>;
  readonly epochs: Readonly<ShallowRef<readonly EpochRecord[]>>;
  readonly progress: Readonly<ShallowRef<Progress | null>>;
  readonly log: Readonly<ShallowRef<readonly { readonly time: string; readonly text: string }[]>>;
  readonly error: Readonly<Ref<Failure | null>>;
  readonly lastCheckpoint: Readonly<Ref<number | null>>;
}

/** Points of the step curve; beyond that every second one goes, so that a long run stays light. */
const MOST_STEPS = 4000;
/** Redraws per second are limited by this, not by the number of events. */
const DRAW_MS = 200;

export function useRun(runId: () => string | null): RunStory {
  const api = useApi();
  const engine = useEngine();
  const run = shallowRef<RunSummary | null>(null);
  const steps = shallowRef<readonly StepPoint[]>([]);
  const epochs = shallowRef<readonly EpochRecord[]>([]);
  const progress = shallowRef<Progress | null>(null);
  const log = shallowRef<readonly { time: string; text: string }[]>([]);
  const error = ref<Failure | null>(null);
  const lastCheckpoint = ref<number | null>(null);

  let controller: AbortController | null = null;
  let pending: StepPoint[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  function flush(): void {
    timer = null;
    let all = [...steps.value, ...pending];
    pending = [];
    while (all.length > MOST_STEPS) all = all.filter((_, i) => i % 2 === 0 || i === all.length - 1);
    steps.value = all;
  }

  function take(event: RunEvent): void {
    switch (event.type) {
      case 'state':
        run.value = event.run;
        break;
      case 'step':
        pending.push(event);
        timer ??= setTimeout(flush, DRAW_MS);
        break;
      case 'epoch':
        epochs.value = [
          ...epochs.value.filter(({ epoch }) => epoch < event.epoch.epoch),
          event.epoch,
        ];
        break;
      case 'checkpoint':
        lastCheckpoint.value = event.step;
        break;
      case 'progress':
        progress.value = event.progress;
        break;
      case 'log':
        log.value = [...log.value.slice(-999), { time: event.time, text: event.text }];
        break;
    }
  }

  watch(
    [runId, () => engine.life],
    ([id]) => {
      controller?.abort();
      run.value = null;
      steps.value = [];
      epochs.value = [];
      progress.value = null;
      log.value = [];
      error.value = null;
      lastCheckpoint.value = null;
      pending = [];
      if (id === null) return;
      const own = new AbortController();
      controller = own;
      api
        .job(
          'runs.watch',
          { runId: id },
          { signal: own.signal, onEvent: (event) => controller === own && take(event) },
        )
        .then((last) => {
          if (controller === own) run.value = last;
        })
        .catch((thrown: unknown) => {
          const failure = toFailure(thrown);
          if (controller === own && !isCancelled(failure)) error.value = failure;
        });
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    controller?.abort();
    if (timer !== null) clearTimeout(timer);
  });
  return { run, steps, epochs, progress, log, error, lastCheckpoint };
}
