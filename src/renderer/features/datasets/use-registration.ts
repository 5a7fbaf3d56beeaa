/** Folders on their way in: previewed, confirmed, then scanned one after the other. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { Failure, Grant, Progress } from '../../../contract/common.ts';
import type { DatasetCard, Drift, GrantPreview } from '../../../contract/datasets.ts';
import { useApi } from '../../app/api.ts';
import { isCancelled, toFailure } from '../../app/failure.ts';
import { useIntake } from '../../app/stores/intake.ts';
import { useToasts } from '../../app/stores/toasts.ts';
import { useText } from '../../messages/i18n.ts';

export interface Arrival {
  readonly grant: Grant;
  readonly preview: GrantPreview | null;
  readonly name: string;
  readonly role: 'auto' | 'id' | 'ood';
  readonly nearFar: 'near' | 'far' | null;
  readonly state: 'asking' | 'waiting' | 'queued' | 'scanning' | 'failed';
  readonly progress: Progress | null;
  readonly warnings: readonly string[];
  readonly error: Failure | null;
}

export const useRegistration = defineStore('registration', () => {
  const api = useApi();
  const intake = useIntake();
  const toasts = useToasts();
  const { t } = useText();

  const arrivals = shallowRef<readonly Arrival[]>([]);
  /** Grows with every dataset that came in. */
  const registered = ref(0);
  let controller: AbortController | null = null;

  function change(grantId: string, part: Partial<Arrival>): void {
    arrivals.value = arrivals.value.map((arrival) =>
      arrival.grant.grantId === grantId ? { ...arrival, ...part } : arrival,
    );
  }
  const find = (grantId: string): Arrival | undefined =>
    arrivals.value.find(({ grant }) => grant.grantId === grantId);

  async function look(grant: Grant): Promise<void> {
    try {
      const preview = await api.call('datasets.preview', { grantId: grant.grantId });
      change(grant.grantId, {
        preview,
        name: preview.name,
        role: preview.guessedRole ?? 'auto',
        nearFar: preview.guessedNearFar,
        state: 'waiting',
      });
    } catch (thrown) {
      change(grant.grantId, { state: 'failed', error: toFailure(thrown) });
    }
  }

  watch(
    () => intake.grants,
    (grants) => {
      for (const grant of grants) {
        if (find(grant.grantId)) continue;
        arrivals.value = [
          ...arrivals.value,
          {
            grant,
            preview: null,
            name: '',
            role: 'auto',
            nearFar: null,
            state: 'asking',
            progress: null,
            warnings: [],
            error: null,
          },
        ];
        void look(grant);
      }
    },
    { immediate: true },
  );

  function dismiss(grantId: string): void {
    if (find(grantId)?.state === 'scanning') controller?.abort();
    arrivals.value = arrivals.value.filter(({ grant }) => grant.grantId !== grantId);
    intake.settle(grantId);
  }

  const ready = computed(() =>
    arrivals.value.filter(({ state, preview }) => state === 'waiting' && !preview?.problem),
  );

  function scan(grantId: string): void {
    change(grantId, { state: 'queued', error: null });
    void work();
  }
  function scanAll(): void {
    for (const { grant } of ready.value) change(grant.grantId, { state: 'queued' });
    void work();
  }

  async function work(): Promise<void> {
    if (controller) return;
    const next = arrivals.value.find(({ state }) => state === 'queued');
    if (!next) return;
    const own = new AbortController();
    controller = own;
    const { grantId } = next.grant;
    change(grantId, { state: 'scanning', progress: null });
    const warnings: string[] = [];
    try {
      const { dataset, drift } = await api.job(
        'datasets.register',
        {
          grantId,
          ...(next.name.trim() ? { name: next.name.trim() } : {}),
          role: next.role,
          ...(next.role === 'id' ? {} : { nearFar: next.nearFar }),
        },
        {
          signal: own.signal,
          onEvent: (event) => {
            if (event.type === 'progress') change(grantId, { progress: event.progress });
            else warnings.push(event.text);
          },
        },
      );
      arrivals.value = arrivals.value.filter(({ grant }) => grant.grantId !== grantId);
      intake.settle(grantId);
      registered.value++;
      toasts.info(arrivalText(dataset, drift));
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (isCancelled(failure)) change(grantId, { state: 'waiting', progress: null });
      else change(grantId, { state: 'failed', error: failure, progress: null });
    } finally {
      controller = null;
    }
    await work();
  }

  function arrivalText(dataset: DatasetCard, drift: Drift | null): string {
    if (drift && drift.added + drift.removed + drift.changed > 0)
      return t('datasets.rescanned', {
        name: dataset.name,
        added: drift.added,
        removed: drift.removed,
        changed: drift.changed,
      });
    return dataset.failed > 0
      ? t('datasets.addedWithFailures', {
          name: dataset.name,
          n: dataset.ok,
          failed: dataset.failed,
        })
      : t('datasets.added', { name: dataset.name, n: dataset.ok });
  }

  return { arrivals, ready, registered, change, dismiss, scan, scanAll };
});
