/** What of the grid is in view, and how it gets there. */
import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch, type ComputedRef, type Ref } from 'vue'; // prettier-ignore
import { layOut, type GridLayout } from './grid-layout.ts';
import { afterScroll, windowAt, windowHeight } from './long-scroll.ts';

/** Rows beyond the view that are drawn ahead. */
const AHEAD = 2;
/** Faster than this, in views per second, images are not asked for until it slows down. */
const TOO_FAST = 6;
const SETTLE_MS = 80;

export interface GridScroll {
  readonly layout: ComputedRef<GridLayout>;
  /** Offset in the whole of what is at the top of the view. */
  readonly offset: Ref<number>;
  readonly base: Ref<number>;
  readonly view: Ref<number>;
  readonly contentHeight: ComputedRef<number>;
  readonly rows: ComputedRef<readonly number[]>;
  readonly first: ComputedRef<number>;
  readonly last: ComputedRef<number>;
  readonly fast: Ref<boolean>;
  onScroll(): void;
  scrollTo(offset: number): void;
  /** Brings an image into view, moving as little as possible, or to the top. */
  show(index: number, where?: 'nearest' | 'top'): void;
  /** Keeps this image where it is through the next change of the layout. */
  hold(index: number): void;
}

export function useGridScroll(
  element: Readonly<Ref<HTMLElement | null>>,
  total: () => number,
  cell: () => number,
): GridScroll {
  const width = ref(0);
  const view = ref(0);
  const offset = ref(0);
  const base = ref(0);
  const fast = ref(false);

  const layout = computed(() => layOut(total(), width.value, cell()));
  const contentHeight = computed(() => windowHeight(layout.value.height));
  const firstRow = computed(() => Math.max(0, Math.floor(offset.value / layout.value.pitch)));
  const lastRow = computed(() =>
    Math.min(layout.value.rows - 1, Math.floor((offset.value + view.value) / layout.value.pitch)),
  );
  const rows = computed(() => {
    if (width.value === 0) return [];
    const from = Math.max(0, firstRow.value - AHEAD);
    const to = Math.min(layout.value.rows - 1, lastRow.value + AHEAD);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  });
  const first = computed(() => Math.min(total(), firstRow.value * layout.value.columns));
  const last = computed(() => Math.min(total(), (lastRow.value + 1) * layout.value.columns) - 1);

  let lastAt = 0;
  let settle: ReturnType<typeof setTimeout> | undefined;
  function pace(distance: number): void {
    const now = performance.now();
    const seconds = Math.max(0.008, (now - lastAt) / 1000);
    lastAt = now;
    if (distance / seconds > TOO_FAST * view.value) fast.value = true;
    clearTimeout(settle);
    settle = setTimeout(() => (fast.value = false), SETTLE_MS);
  }

  function place(to: { readonly base: number; readonly scrollTop: number }): void {
    base.value = to.base;
    offset.value = to.base + to.scrollTop;
    const box = element.value;
    if (box && box.scrollTop !== to.scrollTop) box.scrollTop = to.scrollTop;
  }
  function onScroll(): void {
    const box = element.value;
    if (!box) return;
    const now = { base: base.value, scrollTop: box.scrollTop };
    pace(Math.abs(now.base + now.scrollTop - offset.value));
    const then = afterScroll(now, layout.value.height, view.value);
    if (then === now) offset.value = now.base + now.scrollTop;
    else place(then);
  }
  function scrollTo(to: number): void {
    pace(Math.abs(to - offset.value));
    place(windowAt(to, layout.value.height, view.value));
  }
  function show(index: number, where: 'nearest' | 'top' = 'nearest'): void {
    const { columns, pitch, size } = layout.value;
    const top = Math.floor(index / columns) * pitch;
    if (where === 'top' || top < offset.value) scrollTo(top);
    else if (top + size > offset.value + view.value) scrollTo(top + size - view.value);
  }

  let held: number | null = null;
  const hold = (index: number): void => {
    held = index;
  };
  // Other columns, other rows: what was looked at stays where it was.
  watch(layout, (now, before) => {
    if (now.columns === before.columns && now.pitch === before.pitch && now.total === before.total) return; // prettier-ignore
    const index = held ?? Math.floor(offset.value / before.pitch) * before.columns;
    held = null;
    const placeInView = Math.floor(index / before.columns) * before.pitch - offset.value;
    const to = now.total === before.total ? Math.floor(index / now.columns) * now.pitch - placeInView : offset.value; // prettier-ignore
    void nextTick(() => place(windowAt(to, now.height, view.value)));
  });

  let observer: ResizeObserver | null = null;
  const measure = (): void => {
    width.value = element.value?.clientWidth ?? 0;
    view.value = element.value?.clientHeight ?? 0;
  };
  onMounted(() => {
    measure();
    observer = new ResizeObserver(measure);
    if (element.value) observer.observe(element.value);
  });
  onBeforeUnmount(() => {
    observer?.disconnect();
    clearTimeout(settle);
  });

  return { layout, offset, base, view, contentHeight, rows, first, last, fast, onScroll, scrollTo, show, hold }; // prettier-ignore
}
