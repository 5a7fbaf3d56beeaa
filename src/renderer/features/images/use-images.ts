/** A list of images that may be a million long: columns at once, what a cell shows only for the cells in view. */
import { computed, onScopeDispose, shallowRef, toValue, triggerRef, watch, type ComputedRef, type MaybeRefOrGetter, type Ref } from 'vue'; // prettier-ignore
import type { Failure } from '../../../contract/common.ts';
import type {
  ImageCell,
  ImageFilter,
  ImageList,
  ImageSort,
  Scope,
} from '../../../contract/scores.ts';
import { useApi } from '../../app/api.ts';
import { toFailure } from '../../app/failure.ts';
import { useQuery } from '../../app/query.ts';
import { useCuration } from './curation-store.ts';
import { refAt, refKey } from './selection.ts';

/** Cells asked for in one call. */
const CHUNK = 200;
/** Cells kept; more than any screen shows, little beside the pictures. */
const KEPT = 20_000;

export interface ImagesInput {
  readonly scope: MaybeRefOrGetter<Scope | null>;
  readonly filter: MaybeRefOrGetter<ImageFilter>;
  readonly sort: MaybeRefOrGetter<ImageSort>;
  /** False while there is nothing to ask for yet. */
  readonly enabled?: MaybeRefOrGetter<boolean>;
}

export interface Images {
  readonly list: Readonly<Ref<ImageList | null>>;
  readonly error: Readonly<Ref<Failure | null>>;
  readonly loading: Readonly<Ref<boolean>>;
  readonly total: ComputedRef<number>;
  /** What is known of a cell; asks for it when nothing is. */
  cell(index: number): ImageCell | null;
  reload(): Promise<void>;
}

export function useImages(input: ImagesInput): Images {
  const api = useApi();
  const curation = useCuration();
  const list = useQuery(() => {
    curation.follow();
    if (input.enabled !== undefined && !toValue(input.enabled)) return null;
    return api.call('images.query', {
      scope: toValue(input.scope),
      filter: toValue(input.filter),
      sort: toValue(input.sort),
    });
  });

  const cells = shallowRef(new Map<string, ImageCell>());
  const asked = new Set<string>();
  let wanted: number[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;

  // What is shown stays until its successor is there; only the knowledge that it was asked for goes.
  watch([() => curation.version, () => toValue(input.scope)], () => asked.clear(), { deep: true });

  async function fetch(): Promise<void> {
    timer = null;
    const current = list.data.value;
    const indexes = wanted;
    wanted = [];
    if (!current) return;
    const refs = indexes
      .filter((index) => index < current.total)
      .map((index) => refAt(current, index));
    for (let from = 0; from < refs.length; from += CHUNK) {
      const part = refs.slice(from, from + CHUNK);
      try {
        const found = await api.call('images.cells', { scope: toValue(input.scope), refs: part });
        if (cells.value.size > KEPT) cells.value.clear();
        for (const cell of found) cells.value.set(refKey(cell.ref), cell);
        triggerRef(cells);
      } catch (thrown) {
        for (const ref of part) asked.delete(refKey(ref));
        cellError.value = toFailure(thrown);
      }
    }
  }
  const cellError = shallowRef<Failure | null>(null);
  onScopeDispose(() => timer !== null && clearTimeout(timer));

  function cell(index: number): ImageCell | null {
    const current = list.data.value;
    if (!current || index < 0 || index >= current.total) return null;
    const key = refKey(refAt(current, index));
    if (!asked.has(key)) {
      asked.add(key);
      wanted.push(index);
      // One request for all the cells that come into view in one frame.
      timer ??= setTimeout(() => void fetch(), 16);
    }
    return cells.value.get(key) ?? null;
  }

  return {
    list: list.data,
    error: computed(() => list.error.value ?? cellError.value),
    loading: list.loading,
    total: computed(() => list.data.value?.total ?? 0),
    cell,
    reload: list.reload,
  };
}
