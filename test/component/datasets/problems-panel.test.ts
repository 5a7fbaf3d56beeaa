import { flushPromises } from '@vue/test-utils';
import { afterEach, expect, it } from 'vitest';
import DatasetScreen from '../../../src/renderer/features/datasets/DatasetScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});

it('what leaks is excluded as the button says: the same files, or those that look alike too', async () => {
  mounted = await mountScreen(DatasetScreen, {
    path: '/datasets/fashion?tab=problems&kind=leakage',
    images: 9500,
  });
  await flushPromises();
  const { wrapper, requests, curation } = mounted;
  const asked = () => requests.filter(({ method }) => method === 'datasets.excludeLeaks');
  await buttonOf(wrapper, 'Exclude the same files').trigger('click');
  await flushPromises();
  expect(asked().map(({ params }) => params)).toEqual([{ datasetId: 'fashion', which: 'exact' }]);
  expect(curation.stateOf({ datasetId: 'fashion', ordinal: 1 }).excluded).toBe(true);
  await buttonOf(wrapper, 'Exclude those that look alike too').trigger('click');
  await flushPromises();
  expect(asked().at(-1)!.params).toEqual({ datasetId: 'fashion', which: 'all' });
});
