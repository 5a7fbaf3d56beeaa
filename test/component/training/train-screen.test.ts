import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createWorld } from '../../../src/renderer/dev/fake/world.ts';
import TrainScreen from '../../../src/renderer/features/training/TrainScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(TrainScreen, {
    path: '/train?new=pretrain',
    images: 950,
    ...options,
  });
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);

describe('a new run', () => {
  it('starts what the form says', async () => {
    const { wrapper } = await open();
    await vi.waitFor(() => expect(askedFor('training.estimate').length).toBeGreaterThan(0));
    await flushPromises();
    await wrapper.get('form').trigger('submit');
    await flushPromises();
    expect(askedFor('runs.start')).toMatchObject([
      { kind: 'pretrain', datasetId: 'fashion', seeds: [1] },
    ]);
  });

  it('says why Start is disabled', async () => {
    const { wrapper } = await open({
      handlers: {
        'training.estimate': () => {
          throw new Error(
            'fashion: class “Bag” has no training image. Add images, or draw another split.',
          );
        },
      },
    });
    await vi.waitFor(() => expect(wrapper.text()).toContain('class “Bag” has no training image'));
    expect(buttonOf(wrapper, 'Start').attributes('aria-disabled')).toBe('true');
  });

  it('brings the λ = 0 control along with a sparse fine-tuning, unless told not to', async () => {
    const { wrapper } = await open({ path: '/train?new=finetune&parent=m-before' });
    await vi.waitFor(() => expect(askedFor('training.estimate').length).toBeGreaterThan(0));
    await wrapper.get('form').trigger('submit');
    await flushPromises();
    expect(askedFor('runs.start').at(-1)).toMatchObject({
      kind: 'finetune',
      parentId: 'm-before',
      withControl: true,
    });
  });
});

describe('an objective with outliers', () => {
  const path = '/train?new=finetune&parent=m-before';
  /** Opens a listbox by its label and takes the option with this text. */
  async function pick(wrapper: Mounted['wrapper'], label: string, text: string): Promise<void> {
    const trigger = wrapper.get(`[role=combobox][aria-label="${label}"]`);
    await trigger.trigger('keydown', { key: 'Enter' });
    await flushPromises();
    const option = [...document.querySelectorAll('[role=option]')].find((one) =>
      one.textContent.includes(text),
    );
    option!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await flushPromises();
  }

  it('does not start before its outliers are chosen, says what that bars, and asks for them', async () => {
    const { wrapper } = await open({ path });
    await vi.waitFor(() => expect(askedFor('training.estimate').length).toBeGreaterThan(0));
    await pick(wrapper, 'Objective', 'Energy margin');
    expect(buttonOf(wrapper, 'Start').attributes('aria-disabled')).toBe('true');
    expect(wrapper.text()).toContain('Choose the OOD set to train on.');
    await pick(wrapper, 'Auxiliary outliers', 'textures');
    expect(wrapper.text()).toContain('textures will be barred');
    await wrapper.get('form').trigger('submit');
    await flushPromises();
    expect(askedFor('runs.start').at(-1)).toMatchObject({
      withControl: true,
      config: {
        objective: 'energy-margin',
        lambda: 0,
        outliers: { datasetId: 'textures', ratio: 2 },
      },
    });
  });

  it('shows which sets the model to start from bars already', async () => {
    const barred = [{ datasetId: 'digits', name: 'digits', images: 95, modelId: 'm-before' }];
    const { wrapper } = await open({
      path,
      handlers: {
        'models.list': () =>
          [...createWorld({ images: 950 }).models.values()].map((model) =>
            model.id === 'm-before' ? { ...model, barred } : model,
          ),
      },
    });
    await vi.waitFor(() =>
      expect(wrapper.text()).toContain('Pretrained was trained on digits as outliers'),
    );
  });
});

it('leads to the datasets where there is nothing to train on', async () => {
  const { wrapper } = await open({ images: 0, models: false, path: '/train' });
  expect(wrapper.text()).toContain('Nothing to train on yet');
  expect(buttonOf(wrapper, 'Go to datasets').exists()).toBe(true);
});
