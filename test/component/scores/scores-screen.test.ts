import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScoreDistributions } from '../../../src/contract/scores.ts';
import { useCommands } from '../../../src/renderer/app/stores/commands.ts';
import ScoresScreen from '../../../src/renderer/features/scores/ScoresScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(ScoresScreen, { path: '/scores', images: 950, ...options });
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);
const press = async (key: string): Promise<void> => {
  useCommands().press(new KeyboardEvent('keydown', { key }));
  await flushPromises();
};
const readout = (wrapper: VueWrapper): string => wrapper.get('aside.readout').text();

describe('the threshold', () => {
  it('begins where 95% of the validation images are kept, and says what it does to each set', async () => {
    const { wrapper, api } = await open();
    await vi.waitFor(() => expect(wrapper.find('aside.readout').exists()).toBe(true));
    const [scope] = askedFor('scores.distributions') as [
      Parameters<typeof api.call<'scores.distributions'>>[1],
    ];
    const overview: ScoreDistributions = await api.call('scores.distributions', scope);
    for (const { sorted } of overview.distributions) {
      // By the definition: the share of the images with S of at least the threshold.
      const kept =
        sorted.filter((score) => score >= overview.defaultThreshold).length / sorted.length;
      expect(readout(wrapper)).toContain(`${(kept * 100).toFixed(1)}%`);
    }
    expect(readout(wrapper)).toContain('not recorded');
  });

  it('is recorded with who and why, and not without', async () => {
    const { wrapper } = await open({ settings: { author: '' } });
    await vi.waitFor(() => expect(wrapper.find('aside.readout').exists()).toBe(true));
    await buttonOf(wrapper, 'Record…').trigger('click');
    await flushPromises();
    const record = (): HTMLButtonElement =>
      [...document.querySelectorAll('button')].find(
        (button) => button.textContent.trim() === 'Record the threshold',
      )!;
    expect(record().getAttribute('aria-disabled')).toBe('true');
    record().click();
    await flushPromises();
    expect(askedFor('thresholds.set')).toEqual([]);
    const [author, reason] = [
      ...document.querySelectorAll<HTMLInputElement>(
        '.threshold-form input, .threshold-form textarea',
      ),
    ];
    for (const [field, text] of [
      [author!, 'Ada'],
      [reason!, 'Agreed with quality'],
    ] as const) {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await flushPromises();
    }
    record().click();
    await flushPromises();
    expect(askedFor('thresholds.set')).toMatchObject([
      { author: 'Ada', reason: 'Agreed with quality' },
    ]);
  });
});

describe('the grid', () => {
  it('lists the split that is told about, worst first', async () => {
    await open();
    expect(askedFor('images.query').at(-1)).toMatchObject({
      filter: { splits: ['test'] },
      sort: { by: 'threshold-distance', direction: 'descending' },
    });
  });

  it('excludes with x what the cursor is on, and u takes it back', async () => {
    const { api } = await open();
    const query = askedFor('images.query').at(-1) as Parameters<typeof api.call<'images.query'>>[1];
    const list = await api.call('images.query', query);
    await press('x');
    expect(askedFor('curation.apply')).toMatchObject([
      {
        action: { type: 'exclude' },
        selections: [
          {
            datasetId: list.datasetIds[list.datasets[0]!],
            ordinals: Uint32Array.of(list.ordinals[0]!),
          },
        ],
      },
    ]);
    await press('u');
    expect(askedFor('curation.undo')).toHaveLength(1);
  });

  it('relabels with a digit: the class at that place of the list', async () => {
    const { world } = await open();
    await press('2');
    const model = [...world.models.values()][0]!;
    expect(askedFor('curation.apply')).toMatchObject([
      { action: { type: 'relabel', className: model.classes[1] } },
    ]);
  });
});

describe('before there is anything to show', () => {
  it('leads to training where there is no model', async () => {
    const { wrapper } = await open({ models: false });
    expect(wrapper.text()).toContain('No model yet');
    expect(buttonOf(wrapper, 'Train a model').exists()).toBe(true);
  });

  it('says the reason of a failure and offers to try again', async () => {
    const { wrapper } = await open({
      handlers: {
        'scores.distributions': () => {
          throw new Error('scores/energy.f64: 12 bytes are missing. Score the dataset again.');
        },
      },
    });
    expect(wrapper.get('[role="alert"]').text()).toContain('12 bytes are missing');
    expect(buttonOf(wrapper, 'Try again').exists()).toBe(true);
  });
});
