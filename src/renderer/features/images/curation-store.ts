/** Curation from any screen: one action on many images, undo and redo, and the word that lists have changed. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { ImageSelection } from '../../../contract/common.ts';
import type { CurationAction, CurationEntry, CurationReview } from '../../../contract/curation.ts';
import { useApi } from '../../app/api.ts';
import { toFailure } from '../../app/failure.ts';
import { useSettings } from '../../app/stores/settings.ts';
import { useToasts } from '../../app/stores/toasts.ts';
import { useText } from '../../messages/i18n.ts';
import { describeAction } from './describe-action.ts';

export const useCuration = defineStore('curation', () => {
  const api = useApi();
  const settings = useSettings();
  const toasts = useToasts();
  const { t } = useText();

  const review = shallowRef<CurationReview | null>(null);
  /** Grows with every change, so that lists ask anew. */
  const version = ref(0);
  const busy = ref(false);
  /** Written into the log with every decision until it is changed. */
  const reason = ref('');
  const canUndo = computed(() => review.value?.canUndo ?? false);
  const canRedo = computed(() => review.value?.canRedo ?? false);

  type Outcome = { readonly entry: CurationEntry | null; readonly review: CurationReview };
  async function change(ask: () => Promise<Outcome>): Promise<CurationEntry | null> {
    busy.value = true;
    try {
      const outcome = await ask();
      review.value = outcome.review;
      version.value++;
      return outcome.entry;
    } catch (thrown) {
      toasts.failed(toFailure(thrown));
      return null;
    } finally {
      busy.value = false;
    }
  }

  /** For queries: reading it makes them ask anew after every change. */
  const follow = (): number => version.value;
  /** Something was changed by another way than this store. */
  async function changed(): Promise<void> {
    version.value++;
    await refresh();
  }

  async function refresh(): Promise<void> {
    try {
      review.value = await api.call('curation.review', {});
    } catch (thrown) {
      toasts.failed(toFailure(thrown));
    }
  }

  /** Says what happened, with the way back. */
  async function apply(
    selections: readonly ImageSelection[],
    action: CurationAction,
    because = reason.value.trim(),
  ): Promise<CurationEntry | null> {
    if (selections.length === 0) return null;
    const { author } = settings.settings;
    const entry = await change(() =>
      api.call('curation.apply', { selections: [...selections], action, author, reason: because }),
    );
    if (entry)
      toasts.info(describeAction(t, entry.action, entry.images), {
        label: t('images.undo'),
        run: undo,
      });
    return entry;
  }

  async function undo(): Promise<void> {
    const entry = await change(() => api.call('curation.undo', {}));
    if (entry)
      toasts.info(t('images.undone', { what: describeAction(t, entry.action, entry.images) }));
  }
  async function redo(): Promise<void> {
    const entry = await change(() => api.call('curation.redo', {}));
    if (entry)
      toasts.info(t('images.redone', { what: describeAction(t, entry.action, entry.images) }));
  }

  return {
    review,
    version,
    busy,
    reason,
    canUndo,
    canRedo,
    follow,
    changed,
    refresh,
    apply,
    undo,
    redo,
  };
});
