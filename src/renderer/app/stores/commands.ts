/** What the command palette offers and the shortcut sheet lists: the app's own, and those of the open screen. */
import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef, toValue, type MaybeRefOrGetter } from 'vue';
import { matchesKeys } from '../keys.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: 'screens' | 'actions' | 'here' | 'grid';
  /** e.g. `mod+k`, `shift+?`, `x`; `g d` is not supported. */
  readonly keys?: string;
  /** More words to find it by. */
  readonly words?: string;
  /** Where there is nothing to do at the moment, its key passes through. */
  readonly enabled?: boolean;
  /** Keys only, e.g. moving about in a grid; the sheet lists it and the palette does not. */
  readonly hidden?: boolean;
  run(): unknown;
}

export const useCommands = defineStore('commands', () => {
  const sources = shallowRef<readonly MaybeRefOrGetter<readonly Command[]>[]>([]);
  const commands = computed(() => sources.value.flatMap((source) => [...toValue(source)]));

  function add(source: MaybeRefOrGetter<readonly Command[]>): () => void {
    sources.value = [...sources.value, source];
    return () => {
      sources.value = sources.value.filter((other) => other !== source);
    };
  }

  /** The newest source wins, so that an open screen may take a key. */
  function press(event: KeyboardEvent): boolean {
    const found = commands.value.findLast(
      ({ keys, enabled }) => keys !== undefined && enabled !== false && matchesKeys(event, keys),
    );
    if (!found) return false;
    event.preventDefault();
    found.run();
    return true;
  }
  return { commands, add, press };
});

/** Offers commands while the component is there: `provideCommands(() => [{ id, title, group: 'here', run }])`. */
export function provideCommands(source: MaybeRefOrGetter<readonly Command[]>): void {
  onScopeDispose(useCommands().add(source));
}
