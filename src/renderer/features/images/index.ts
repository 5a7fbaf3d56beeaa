/** Images as a grid with filters, keys for curation and a detail panel: used by every screen that lists images. */
export { default as ImageBrowser } from './ImageBrowser.vue';
export { default as ImageDetail } from './ImageDetail.vue';
export { useCuration } from './curation-store.ts';
export { describeAction } from './describe-action.ts';
export { useImages, type Images } from './use-images.ts';
export { withoutChip } from './filter-chips.ts';
export { countOf, refAt, refKey, selectionsOf } from './selection.ts';
