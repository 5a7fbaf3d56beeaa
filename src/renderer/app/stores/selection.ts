/** What screens hand to one another: the sets and the model at work, and the images that are picked. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { ImageRef, ImageSelection } from '../../../contract/common.ts';
import type { Scope } from '../../../contract/scores.ts';

export const useSelection = defineStore('selection', () => {
  /** Model, sets and score that the last screen looked at; screens take it where their address names none. */
  const scope = ref<Partial<Scope>>({});
  /** The image in the detail panel. */
  const focus = ref<ImageRef | null>(null);
  /** Images an action applies to, per dataset. */
  const images = shallowRef<readonly ImageSelection[]>([]);
  const count = computed(() =>
    images.value.reduce((sum, { ordinals }) => sum + ordinals.length, 0),
  );

  const work = (change: Partial<Scope>): void => {
    scope.value = { ...scope.value, ...change };
  };
  const clear = (): void => {
    images.value = [];
    focus.value = null;
  };
  return { scope, focus, images, count, work, clear };
});
