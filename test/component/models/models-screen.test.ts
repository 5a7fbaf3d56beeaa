import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useToasts } from '../../../src/renderer/app/stores/toasts.ts';
import ModelsScreen from '../../../src/renderer/features/models/ModelsScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();

let mounted: Mounted | null = null;
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(ModelsScreen, { path: '/models', ...options });
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});

const table = (wrapper: VueWrapper) => wrapper.find('[role="group"][aria-label="Models"]');
const rowTexts = (wrapper: VueWrapper): string[] =>
  wrapper.findAll('tbody .row').map((row) => row.find('.name').text());
const rowsBecome = (wrapper: VueWrapper, count: number) =>
  vi.waitFor(() => expect(rowTexts(wrapper)).toHaveLength(count));
/** Other screens are loaded when they are first gone to, which takes its time on a busy machine. */
const arrivesAt = (address: string) =>
  vi.waitFor(() => expect(mounted!.router.currentRoute.value.fullPath).toBe(address), 30_000);
async function press(wrapper: VueWrapper, ...keys: string[]): Promise<void> {
  for (const key of keys) await table(wrapper).trigger('keydown', { key });
  await flushPromises();
}
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);

describe('the list', () => {
  it('shows the seeds of one experiment as one row that opens, with the keyboard too', async () => {
    const { wrapper } = await open();
    await rowsBecome(wrapper, 3);
    expect(rowTexts(wrapper)[2]).toContain('2 seeds');
    await press(wrapper, 'End', 'Enter');
    await rowsBecome(wrapper, 5);
    await press(wrapper, 'Enter');
    await rowsBecome(wrapper, 3);
  });

  it('opens a model beside the list and keeps it in the address', async () => {
    const { wrapper, world } = await open();
    await press(wrapper, 'ArrowDown', 'Enter');
    await arrivesAt('/models/m-control');
    expect(wrapper.find('aside').text()).toContain(world.models.get('m-control')!.weightsSha256);
  });

  it('opens the family of the model in the address', async () => {
    const { wrapper } = await open({ path: '/models/m-sparse-2' });
    await rowsBecome(wrapper, 5);
    expect(wrapper.find('.row.active').text()).toContain('Seed 2');
  });

  it('compares what is selected, in the order of the list', async () => {
    const { wrapper } = await open();
    await press(wrapper, ' ');
    expect(buttonOf(wrapper, 'Compare 1 model').attributes('aria-disabled')).toBe('true');
    await press(wrapper, 'ArrowDown', 'ArrowDown', ' ');
    await buttonOf(wrapper, 'Compare 3 models').trigger('click');
    await arrivesAt('/compare?models=m-before,m-sparse,m-sparse-2');
  });

  it('can be sorted where it is flat', async () => {
    const { wrapper } = await open({ path: '/models?view=list' });
    await rowsBecome(wrapper, 4);
    const seed = wrapper.findAll('th button').find((one) => one.text() === 'Seed')!;
    await seed.trigger('click');
    await seed.trigger('click');
    expect(rowTexts(wrapper)[0]).toContain('seed 2');
  });
});

describe('one model', () => {
  it('is renamed in place, and back', async () => {
    const { wrapper, world } = await open({ path: '/models/m-before' });
    await buttonOf(wrapper, 'Rename').trigger('click');
    await flushPromises();
    const input = wrapper.find('aside input');
    await input.setValue('  Shoes  ');
    await input.trigger('keydown', { key: 'Enter' });
    await flushPromises();
    expect(world.models.get('m-before')!.name).toBe('Shoes');
    await useToasts().toasts.at(-1)!.action!.run();
    expect(world.models.get('m-before')!.name).toBe('Pretrained');
  });

  it('keeps its name when the change is left with Escape', async () => {
    const { wrapper } = await open({ path: '/models/m-before' });
    await buttonOf(wrapper, 'Rename').trigger('click');
    await flushPromises();
    await wrapper.find('aside input').setValue('Other');
    await wrapper.find('aside input').trigger('keydown', { key: 'Escape' });
    await flushPromises();
    expect(askedFor('models.rename')).toEqual([]);
    expect(wrapper.find('aside h2').text()).toBe('Pretrained');
  });

  it('is deleted at once, stays under deleted models, and comes back from there or from the toast', async () => {
    const { wrapper, world } = await open({ path: '/models/m-control' });
    await buttonOf(wrapper, 'Delete').trigger('click');
    await flushPromises();
    expect(rowTexts(wrapper).join()).not.toContain('λ = 0 ');
    expect(world.models.get('m-control')!.removedAt).not.toBeNull();
    await buttonOf(wrapper, '1 deleted model').trigger('click');
    await buttonOf(wrapper, 'Restore').trigger('click');
    await flushPromises();
    expect(world.models.get('m-control')!.removedAt).toBeNull();
  });

  it('leads to fine-tuning, scores and the comparison that belongs to it', async () => {
    const { wrapper, router } = await open({ path: '/models/m-sparse' });
    await buttonOf(wrapper, 'Compare').trigger('click');
    await arrivesAt('/compare?models=m-before,m-control,m-sparse');
    await router.push('/models/m-sparse');
    await flushPromises();
    await buttonOf(wrapper, 'Fine-tune this').trigger('click');
    await arrivesAt('/train?new=finetune&parent=m-sparse');
    await router.push('/models/m-sparse');
    await flushPromises();
    await buttonOf(wrapper, 'Scores').trigger('click');
    await arrivesAt('/scores?model=m-sparse');
  });

  it('is exported into the folder that was picked, and says where it lies', async () => {
    const { wrapper } = await open({ path: '/models/m-before' });
    await buttonOf(wrapper, 'Export').trigger('click');
    await buttonOf(wrapper, 'Choose a folder').trigger('click');
    await flushPromises();
    expect(askedFor('models.export')).toEqual([{ modelId: 'm-before', grantId: 'grant-my-images', format: 'tfjs' }]); // prettier-ignore
    expect(wrapper.find('aside').text()).toContain('/exports/m-before');
  });

  it('that is not there any more says so', async () => {
    const { wrapper } = await open({ path: '/models/m-gone' });
    expect(wrapper.find('aside').text()).toContain('This model is not here any more');
  });
});

describe('importing', () => {
  it('takes a folder and the dataset with its classes', async () => {
    const { wrapper } = await open({ path: '/models?import=1' });
    await buttonOf(wrapper, 'Choose a folder or file').trigger('click');
    await flushPromises();
    await wrapper.find('form.import').trigger('submit');
    await flushPromises();
    expect(askedFor('models.import')).toEqual([{ grantId: 'grant-my-images', datasetId: 'fashion' }]); // prettier-ignore
    await arrivesAt('/models/m-imported');
  });
});

describe('without models', () => {
  it('leads to the images first, then to training', async () => {
    const { wrapper } = await open({ images: 0 });
    await buttonOf(wrapper, 'Add images').trigger('click');
    await arrivesAt('/datasets');
    mounted!.wrapper.unmount();
    const second = await open({ models: false });
    await buttonOf(second.wrapper, 'Train a model').trigger('click');
    await arrivesAt('/train?new=pretrain');
  });

  it('says why they cannot be listed and asks again', async () => {
    let fails = true;
    const { wrapper } = await open({
      handlers: {
        'models.list': () => {
          if (fails) throw Object.assign(new Error('The workspace is locked.'), { code: 'locked' });
          return [];
        },
      },
    });
    expect(wrapper.find('[role="alert"]').text()).toContain('The workspace is locked.');
    fails = false;
    await buttonOf(wrapper, 'Try again').trigger('click');
    await flushPromises();
    expect(wrapper.text()).toContain('No models yet');
  });
});
