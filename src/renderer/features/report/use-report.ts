/** One report and what is typed into it: kept shortly after each pause, on leaving, and again after a failure. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'; // prettier-ignore
import type { Failure } from '../../../contract/common.ts';
import type { Params } from '../../../contract/methods.ts';
import type { Report, reportMethods } from '../../../contract/reports.ts';
import { useApi } from '../../app/api.ts';
import { toFailure } from '../../app/failure.ts';
import { useQuery, type Query } from '../../app/query.ts';
import { useEngine } from '../../app/stores/engine.ts';
import { useSettings } from '../../app/stores/settings.ts';

export type ReportChanges = Omit<
  Params<(typeof reportMethods)['reports.update']>,
  'reportId' | 'author'
>;

/** A pause in typing after which words are kept. */
const PAUSE_MS = 600;

export interface OpenReport {
  readonly query: Query<Report>;
  /** With what is not kept yet. */
  readonly report: ComputedRef<Report | null>;
  readonly state: Readonly<Ref<'kept' | 'waiting' | 'failed'>>;
  readonly failure: Readonly<ShallowRef<Failure | null>>;
  change(changes: ReportChanges): void;
  /** Keeps what waits. Resolves when it is kept; false when it could not be. */
  flush(): Promise<boolean>;
  author(): string;
}

export function useReport(reportId: () => string | null): OpenReport {
  const api = useApi();
  const settings = useSettings();
  const engine = useEngine();
  const query = useQuery(
    () => {
      const id = reportId();
      return id === null ? null : api.call('reports.get', { reportId: id });
    },
    { after: ['report', 'score', 'scan', 'analyse'] },
  );
  const author = (): string => settings.settings.author;

  /** By report, so that what waits for one is not lost when another is opened. */
  const waiting = new Map<string, ReportChanges>();
  /** What the open report does not hold yet, on its way or waiting. */
  const pending = shallowRef<ReportChanges>({});
  const state = ref<'kept' | 'waiting' | 'failed'>('kept');
  const failure = shallowRef<Failure | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<boolean> = Promise.resolve(true);

  const sendOne = async (id: string, changes: ReportChanges): Promise<void> => {
    waiting.delete(id);
    try {
      const kept = await api.call('reports.update', { reportId: id, author: author(), ...changes });
      if (reportId() !== id || waiting.has(id)) return;
      query.set(kept);
      pending.value = {};
    } catch (thrown) {
      // Newer words for the same field win over those that could not be kept.
      waiting.set(id, merged(changes, waiting.get(id) ?? {}));
      throw thrown;
    }
  };
  const send = async (): Promise<boolean> => {
    try {
      for (const [id, changes] of [...waiting]) await sendOne(id, changes);
      failure.value = null;
      if (waiting.size === 0) state.value = 'kept';
      return true;
    } catch (thrown) {
      failure.value = toFailure(thrown);
      state.value = 'failed';
      return false;
    }
  };
  const flush = (): Promise<boolean> => {
    clearTimeout(timer);
    // One at a time, in the order they were typed.
    return (sending = sending.then(send));
  };
  const change = (changes: ReportChanges): void => {
    const id = reportId();
    if (id === null) return;
    waiting.set(id, merged(waiting.get(id) ?? {}, changes));
    pending.value = merged(pending.value, changes);
    state.value = 'waiting';
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), PAUSE_MS);
  };
  watch(reportId, (id) => {
    pending.value = (id === null ? undefined : waiting.get(id)) ?? {};
    void flush();
  });
  watch(
    () => engine.life,
    () => waiting.size > 0 && void flush(),
  );
  const leave = (): void => void flush();
  window.addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', leave);
  onScopeDispose(() => {
    window.removeEventListener('pagehide', leave);
    document.removeEventListener('visibilitychange', leave);
    leave();
  });

  const report = computed(() => (query.data.value ? withChanges(query.data.value, pending.value) : null)); // prettier-ignore
  return { query, report, state, failure, change, flush, author };
}

/** Later changes over earlier ones, field by field. */
export function merged(before: ReportChanges, after: ReportChanges): ReportChanges {
  const fields = { ...before.fields, ...after.fields };
  return { ...before, ...after, ...(Object.keys(fields).length > 0 ? { fields } : {}) };
}

function withChanges(report: Report, { fields = {}, ...changes }: ReportChanges): Report {
  return {
    ...report,
    ...changes,
    fields: Object.fromEntries(
      Object.entries(report.fields).map(([name, field]) => {
        const text = fields[name as keyof typeof fields];
        return [name, text === undefined ? field : { ...field, text }];
      }),
    ) as Report['fields'],
  };
}
