/** The pages of a report as they would be written now: drawn again, a little later, whenever it changes. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { Failure } from '../../../contract/common.ts';
import { useApi } from '../../app/api.ts';
import { isCancelled, toFailure } from '../../app/failure.ts';
import { openPdf, type PdfDocument } from './pages/pdf-document.ts';

/** Changes that follow each other closely are drawn once. */
const PAUSE_MS = 300;

export interface WantedPages {
  readonly reportId: string;
  readonly version: number | null;
  /** Differs when what the pages show differs. */
  readonly state: string;
}
export interface Pages {
  /** Kept while newer ones are drawn. */
  readonly document: Readonly<ShallowRef<PdfDocument | null>>;
  readonly updating: Readonly<Ref<boolean>>;
  readonly error: Readonly<Ref<Failure | null>>;
  readonly retry: () => void;
}

/** @param wanted null: there is nothing to draw */
export function usePages(wanted: () => WantedPages | null): Pages {
  const api = useApi();
  const document = shallowRef<PdfDocument | null>(null);
  const updating = ref(false);
  const error = ref<Failure | null>(null);
  let current: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (next: PdfDocument | null): void => {
    const before = document.value;
    document.value = next;
    before?.close();
  };
  async function draw({ reportId, version }: WantedPages): Promise<void> {
    current?.abort();
    const own = (current = new AbortController());
    updating.value = true;
    try {
      const { pdf } = await api.job('reports.pages', { reportId, version }, { signal: own.signal });
      const opened = await openPdf(pdf);
      if (own.signal.aborted) {
        opened.close();
        return;
      }
      show(opened);
      error.value = null;
    } catch (thrown) {
      if (own.signal.aborted) return;
      const failure = toFailure(thrown);
      if (!isCancelled(failure)) error.value = failure;
    }
    updating.value = false;
  }
  const stop = (): void => {
    clearTimeout(timer);
    current?.abort();
    current = null;
    updating.value = false;
  };
  const keyOf = (pages: WantedPages | null): string =>
    pages ? JSON.stringify([pages.reportId, pages.version, pages.state]) : '';
  let shownOf = '';
  watch(
    () => keyOf(wanted()),
    () => {
      stop();
      const next = wanted();
      const of = next ? `${next.reportId} ${String(next.version)}` : '';
      // Pages of another report or version are not kept.
      if (of !== shownOf) {
        show(null);
        error.value = null;
      }
      shownOf = of;
      if (!next) return;
      updating.value = true;
      timer = setTimeout(() => void draw(next), document.value ? PAUSE_MS : 0);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    stop();
    show(null);
  });
  const retry = (): void => {
    const next = wanted();
    if (next) void draw(next);
  };
  return { document, updating, error, retry };
}
