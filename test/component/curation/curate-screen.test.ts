import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { someDecisions } from '../../../src/renderer/dev/fake/curation-methods.ts';
import CurateScreen from '../../../src/renderer/features/curation/CurateScreen.vue';
import { useCuration } from '../../../src/renderer/features/images/index.ts';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
type Options = NonNullable<Parameters<typeof mountScreen>[1]>;

/** With the decisions of an afternoon: exclusions, a tag, a label, a note; the last exclusion undone. */
async function open({ decided = true, ...options }: Options & { readonly decided?: boolean } = {}) {
  mounted = await mountScreen(CurateScreen, { path: '/curate', images: 9500, ...options });
  if (decided) {
    someDecisions(mounted.curation);
    await useCuration().changed();
    await flushPromises();
  }
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);
const set = (wrapper: VueWrapper, name: string) => wrapper.find(`section[aria-label="${name}"]`);

describe('the review', () => {
  it('says per dataset what would change, and nothing of datasets without a decision', async () => {
    const { wrapper } = await open();
    expect(set(wrapper, 'fashion').text()).toContain('6,645 of 6,650 images in use');
    for (const text of ['5 excluded', '3 tagged', '1 relabelled', '1 noted'])
      expect(set(wrapper, 'fashion').text()).toContain(text);
    expect(set(wrapper, 'photographs').text()).toContain('2 excluded');
    expect(set(wrapper, 'digits').exists()).toBe(false);
  });

  it('leads from a number to its images', async () => {
    const { wrapper, router } = await open();
    await buttonOf(wrapper, 'Show the images: 5 excluded').trigger('click');
    await vi.waitFor(() => expect(router.currentRoute.value.query['tab']).toBe('images'));
    await vi.waitFor(() =>
      expect(askedFor('images.query').at(-1)).toMatchObject({
        filter: { datasetIds: ['fashion'], excluded: true, curated: true },
      }),
    );
  });

  it('tells which decisions are not in force because the file changed', async () => {
    const review = {
      datasets: [{ datasetId: 'fashion', name: 'fashion', images: 10, excluded: 0, relabelled: 0, tagged: 0, noted: 0, stale: 2, classesBefore: [], classesAfter: [] }],
      tags: [],
      canUndo: true,
      canRedo: false,
    }; // prettier-ignore
    const { wrapper } = await open({ handlers: { 'curation.review': () => review } });
    expect(wrapper.text()).toContain('The files of 2 images changed after the decisions');
  });

  it('undoes and redoes, and says why it cannot', async () => {
    const { wrapper, curation } = await open();
    await buttonOf(wrapper, 'Redo').trigger('click');
    await flushPromises();
    expect(curation.excludedOf('digits')).toBe(40);
    expect(buttonOf(wrapper, 'Redo').attributes('aria-disabled')).toBe('true');
    await buttonOf(wrapper, 'Undo').trigger('click');
    await flushPromises();
    expect(curation.excludedOf('digits')).toBe(0);
    expect(wrapper.text()).not.toContain('40 excluded');
  });
});

describe('the log', () => {
  const entries = (wrapper: VueWrapper) => wrapper.findAll('tbody .row');

  it('has every entry, newest first, and strikes what was undone', async () => {
    const { wrapper } = await open({ path: '/curate?tab=log' });
    await vi.waitFor(() => expect(entries(wrapper)).toHaveLength(7));
    expect(entries(wrapper)[0]!.text()).toContain('Undid: Excluded 40 images');
    expect(entries(wrapper)[1]!.find('s').text()).toBe('Excluded 40 images');
    expect(entries(wrapper)[1]!.text()).toContain('undone');
    expect(wrapper.findAll('tbody s')).toHaveLength(1);
  });

  it('opens an entry by key, with its reason and examples', async () => {
    const { wrapper } = await open({ path: '/curate?tab=log' });
    await vi.waitFor(() => expect(entries(wrapper)).toHaveLength(7));
    const table = wrapper.find('[role="group"][aria-label="Log of decisions"]');
    await table.trigger('keydown', { key: 'End' });
    await table.trigger('keydown', { key: 'Enter' });
    const panel = wrapper.find('aside').text();
    expect(panel).toContain('Not clothing at all: screenshots of the shop page');
    expect(panel).toContain('000003.png');
  });
});

describe('the next decisions', () => {
  it('carry the author and the reason that were typed', async () => {
    const { wrapper, curation } = await open({ settings: { author: 'Ada' } });
    await wrapper.find('input[aria-label="Reason for the next decisions"]').setValue('  Blurred ');
    const author = wrapper.find('input[aria-label="Author"]');
    await author.setValue('Grace');
    await author.trigger('change');
    await flushPromises();
    await useCuration().apply([{ datasetId: 'fashion', ordinals: Uint32Array.of(70) }], { type: 'exclude' }); // prettier-ignore
    expect(curation.log.at(-1)).toMatchObject({ author: 'Grace', reason: 'Blurred' });
  });
});

describe('export', () => {
  it('writes everything that is not excluded', async () => {
    const { wrapper } = await open();
    await buttonOf(wrapper, 'Export').trigger('click');
    await vi.waitFor(() =>
      expect(wrapper.find('aside').text()).toContain('images will be written'),
    );
    expect(wrapper.find('aside').text()).toContain('6,645 images will be written');
    await buttonOf(wrapper, 'Choose a folder and export').trigger('click');
    await flushPromises();
    expect(askedFor('curation.export')).toEqual([{ datasetId: 'fashion', mode: 'copy', grantId: 'grant-my-images' }]); // prettier-ignore
    expect(wrapper.find('aside').text()).toContain('/exports/fashion');
  });

  it('writes the filtered view', async () => {
    const { wrapper } = await open();
    await buttonOf(wrapper, 'Show the images: 2 excluded').trigger('click');
    await vi.waitFor(() => expect(mounted!.router.currentRoute.value.query['tab']).toBe('images'));
    await buttonOf(wrapper, 'Export').trigger('click');
    await vi.waitFor(() => buttonOf(wrapper, 'The filtered view'));
    await buttonOf(wrapper, 'The filtered view').trigger('click');
    await vi.waitFor(() => expect(wrapper.find('aside').text()).toContain('2 images will be written')); // prettier-ignore
    await buttonOf(wrapper, 'Choose a folder and export').trigger('click');
    await flushPromises();
    expect(askedFor('curation.export')).toEqual([
      {
        datasetId: 'photographs',
        mode: 'copy',
        grantId: 'grant-my-images',
        filter: { datasetIds: ['photographs'], excluded: true, curated: true },
      },
    ]);
  });

  it('shows how far it is, and can be cancelled', async () => {
    let aborted = false;
    const { wrapper } = await open({
      handlers: {
        'curation.export': (_params, { signal, emit }) => {
          emit({ type: 'progress', progress: { phase: 'Export', value: 0.25, done: 5, total: 20, unit: 'images', ratePerS: 10, remainingS: 90 } }); // prettier-ignore
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(Object.assign(new Error('Cancelled.'), { code: 'cancelled' }));
            });
          });
        },
      },
    });
    await buttonOf(wrapper, 'Export').trigger('click');
    await vi.waitFor(() => buttonOf(wrapper, 'Choose a folder and export'));
    await vi.waitFor(() => expect(wrapper.find('aside').text()).toContain('will be written'));
    await buttonOf(wrapper, 'Choose a folder and export').trigger('click');
    await flushPromises();
    expect(wrapper.find('aside [role="progressbar"]').attributes('aria-valuenow')).toBe('25');
    await buttonOf(wrapper, 'Cancel').trigger('click');
    await flushPromises();
    expect(aborted).toBe(true);
    expect(wrapper.find('aside [role="alert"]').exists()).toBe(false);
  });

  it('asks for a path in a browser, which has no dialog', async () => {
    const { wrapper } = await open({ kind: 'web', path: '/curate?export=digits' });
    await vi.waitFor(() => expect(wrapper.find('aside').text()).toContain('will be written'));
    await buttonOf(wrapper, 'Choose a folder and export').trigger('click');
    await flushPromises();
    const input = document.querySelector<HTMLInputElement>('form.typed input')!;
    input.value = '/data/out';
    input.dispatchEvent(new Event('input'));
    document.querySelector('form.typed')!.dispatchEvent(new Event('submit'));
    await flushPromises();
    expect(askedFor('curation.export')).toEqual([{ datasetId: 'digits', mode: 'copy', grantId: 'grant-out' }]); // prettier-ignore
  });
});

describe('without decisions', () => {
  it('teaches the keys and leads to the images', async () => {
    const { wrapper, router } = await open({ decided: false });
    expect(wrapper.text()).toContain('No decisions yet');
    expect(wrapper.text()).toContain('exclude or include');
    await buttonOf(wrapper, 'All images').trigger('click');
    await vi.waitFor(() => expect(router.currentRoute.value.query).toMatchObject({ tab: 'images', all: '1' })); // prettier-ignore
  });

  it('leads to the datasets when there are none', async () => {
    const { wrapper } = await open({ decided: false, images: 0 });
    expect(buttonOf(wrapper, 'Add images').exists()).toBe(true);
  });

  it('says why they cannot be read and asks again', async () => {
    let fails = true;
    const { wrapper } = await open({
      decided: false,
      handlers: {
        'curation.review': () => {
          if (fails)
            throw Object.assign(new Error('The log is damaged.'), { code: 'invalid-data' });
          return { datasets: [], tags: [], canUndo: false, canRedo: false };
        },
      },
    });
    expect(wrapper.find('[role="alert"]').text()).toContain('The log is damaged.');
    fails = false;
    await buttonOf(wrapper, 'Try again').trigger('click');
    await flushPromises();
    expect(wrapper.text()).toContain('No decisions yet');
  });
});
