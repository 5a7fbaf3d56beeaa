/** Choosing images: clicks, ranges, a rubber band, keys. */
import { onScopeDispose, ref, type Ref } from 'vue';
import { indexAt, indexesIn, moved } from './grid-layout.ts';
import { IndexRanges } from './index-ranges.ts';
import type { GridScroll } from './use-grid-scroll.ts';

/** A press that moves less is a click. */
const SLACK = 5;
/** Scrolling while the rubber band is held beyond an edge, in px per frame per px beyond. */
const PULL = 0.25;

export interface Band {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface GridSelection {
  /** In offsets of the whole; null when none is drawn. */
  readonly band: Ref<Band | null>;
  press(event: PointerEvent): void;
  key(event: KeyboardEvent): boolean;
}

export function useGridSelection(
  element: Readonly<Ref<HTMLElement | null>>,
  scroll: GridScroll,
  cursor: Ref<number | null>,
  selected: Ref<IndexRanges>,
): GridSelection {
  const band = ref<Band | null>(null);
  /** Where a range begins. */
  let anchor = 0;

  const placeOf = (event: PointerEvent): { x: number; y: number } => {
    const box = element.value!.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top + scroll.offset.value };
  };

  function choose(
    index: number,
    event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean },
  ): void {
    // prettier-ignore
    cursor.value = index;
    if (event.shiftKey) {
      const range = IndexRanges.of(anchor, index);
      selected.value = event.ctrlKey || event.metaKey ? selected.value.with(range) : range;
      return;
    }
    anchor = index;
    selected.value =
      event.ctrlKey || event.metaKey ? selected.value.toggled(index) : IndexRanges.of(index);
  }

  let release: (() => void) | null = null;
  function press(down: PointerEvent): void {
    if (!element.value) return;
    const start = placeOf(down);
    const index = indexAt(scroll.layout.value, start.x, start.y);
    // The menu of several images is not taken away by opening it on one of them.
    if (down.button === 2 && index !== null && !selected.value.has(index)) choose(index, { shiftKey: false, ctrlKey: false, metaKey: false }); // prettier-ignore
    if (down.button !== 0) return;
    const kept = down.ctrlKey || down.metaKey || down.shiftKey ? selected.value : IndexRanges.none;
    let latest = down;
    let frame = 0;

    const draw = (): void => {
      const now = placeOf(latest);
      band.value = {
        left: Math.min(start.x, now.x),
        top: Math.min(start.y, now.y),
        right: Math.max(start.x, now.x),
        bottom: Math.max(start.y, now.y),
      };
      const touched = IndexRanges.none;
      selected.value = indexesIn(scroll.layout.value, band.value)
        .reduce((sum, [first, last]) => sum.with(IndexRanges.of(first, last)), touched)
        .with(kept);
    };
    const pull = (): void => {
      const box = element.value!.getBoundingClientRect();
      const beyond =
        Math.min(0, latest.clientY - box.top) + Math.max(0, latest.clientY - box.bottom);
      if (beyond !== 0) {
        scroll.scrollTo(scroll.offset.value + beyond * PULL);
        draw();
      }
      frame = requestAnimationFrame(pull);
    };
    const move = (event: PointerEvent): void => {
      latest = event;
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > SLACK;
      if (band.value === null && !far) return;
      if (band.value === null) frame = requestAnimationFrame(pull);
      draw();
    };
    const up = (): void => {
      const clicked = band.value === null;
      release?.();
      if (clicked && index !== null) choose(index, down);
      else if (clicked) selected.value = IndexRanges.none;
    };
    release = () => {
      cancelAnimationFrame(frame);
      band.value = null;
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', up);
      release = null;
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', up);
  }
  onScopeDispose(() => release?.());

  function key(event: KeyboardEvent): boolean {
    const { layout, view } = scroll;
    const { total, pitch } = layout.value;
    if (total === 0) return false;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      selected.value = IndexRanges.of(0, total - 1);
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const page = Math.max(1, Math.floor(view.value / pitch));
    const from = cursor.value ?? scroll.first.value;
    const to = cursor.value === null && event.key.startsWith('Arrow') ? from : moved(layout.value, from, event.key, page); // prettier-ignore
    if (to === null) return false;
    choose(to, { shiftKey: event.shiftKey, ctrlKey: false, metaKey: false });
    scroll.show(to);
    return true;
  }

  return { band, press, key };
}
