import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExperimentResult, ExperimentSummary } from '../../../src/contract/experiments.ts';
import ExperimentsScreen from '../../../src/renderer/features/compare/experiments/ExperimentsScreen.vue';
import { experimentRequestOf, seedsIn } from '../../../src/renderer/features/compare/experiments/experiment-draft.ts'; // prettier-ignore
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(ExperimentsScreen, {
    path: '/compare/experiments',
    images: 950,
    ...options,
  });
  await flushPromises();
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);

describe('experiments', () => {
  it('are rows with mean and spread, and the opened one shows every seed and the verdict', async () => {
    const { wrapper, experiments } = await open({ experiments: true });
    const [{ summary, result }] = [...experiments.all.values()] as unknown as [{ summary: ExperimentSummary; result: ExperimentResult }]; // prettier-ignore
    const { mean, std } = summary.headline!.arms.find(({ arm }) => arm === 'tuned')!.fpr95;
    const text = wrapper.text();
    expect(text).toContain(`${(100 * mean).toFixed(1)}% ± ${(100 * std!).toFixed(1)}`);
    expect(text).toContain(result.verdict!.sentence);
    // One row per seed, with a way to its models side by side.
    expect(wrapper.findAll('button').filter((one) => one.text() === 'Compare')).toHaveLength(5);
    for (const set of ['photographs', 'digits', 'textures']) expect(text).toContain(set);
    expect(text).toContain('control, batch norm');
  });

  it('shows another metric when asked', async () => {
    const { wrapper } = await open({ experiments: true });
    const cell = () => wrapper.findAll('.detail table')[0]!.findAll('tbody td')[0]!.text();
    const fpr95 = cell();
    await wrapper.get('[role="radio"][value="auroc"], button[value="auroc"]').trigger('click');
    await flushPromises();
    expect(cell()).not.toBe(fpr95);
  });

  it('one that stopped says what is missing and goes on', async () => {
    const { wrapper, experiments } = await open();
    expect(wrapper.text()).toContain('No experiments yet');
    const made = experiments.add({ name: 'half', seeds: [1, 2], oodDatasetIds: ['digits'], parentId: null, lambda: 0.02 }, null); // prettier-ignore
    const error = { code: 'no-space' as const, message: 'The disk is full.' };
    experiments.all.set(made.id, { summary: { ...made, state: 'failed', error }, result: null });
    mounted!.wrapper.unmount();
    document.body.innerHTML = '';
    const again = await mountScreen(ExperimentsScreen, {
      path: `/compare/experiments?experiment=${made.id}`,
      images: 950,
      handlers: {
        'experiments.list': () => [experiments.all.get(made.id)!.summary],
        'experiments.get': () => experiments.all.get(made.id)!,
      },
    });
    mounted = again;
    await flushPromises();
    expect(again.wrapper.text()).toContain('The disk is full.');
    expect(again.wrapper.findAll('.steps li')).toHaveLength(8);
    await buttonOf(again.wrapper, 'Go on').trigger('click');
    await flushPromises();
    expect(askedFor('experiments.resume')).toEqual([{ experimentId: made.id }]);
  });

  it('starts what the form says, and says why it cannot', async () => {
    const { wrapper, router } = await open({ path: '/compare/experiments?new' });
    const seeds = wrapper
      .findAll('input')
      .find(({ element }) => element.value === '1, 2, 3, 4, 5')!;
    await seeds.setValue('1, 1');
    expect(wrapper.get('button[type="submit"]').attributes('aria-description')).toMatch(/different whole numbers/u); // prettier-ignore
    await seeds.setValue('3 7');
    await wrapper.get('form').trigger('submit');
    await flushPromises();
    expect(askedFor('experiments.start')).toMatchObject([
      {
        start: { kind: 'pretrain', datasetId: 'fashion' },
        seeds: [3, 7],
        oodDatasetIds: ['photographs', 'digits', 'textures'],
        withControl: true,
        withBatchNorm: true,
      },
    ]);
    expect(router.currentRoute.value.query['experiment']).toBe('e-1');
  });
});

describe('the form', () => {
  it('takes different whole numbers as seeds', () => {
    expect(seedsIn('1, 2,3')).toEqual([1, 2, 3]);
    expect(seedsIn('4 5;6')).toEqual([4, 5, 6]);
    for (const wrong of [
      '',
      '1,1',
      '1.5',
      '-1',
      'x',
      Array.from({ length: 21 }, (_, i) => i).join(),
    ])
      expect(seedsIn(wrong)).toBeNull();
  });

  it('fine-tunes a model that is chosen instead of pretraining', async () => {
    const { api } = await open();
    const [preset] = (await api.call('training.options', {})).presets;
    const request = experimentRequestOf({
      source: 'model:m-before',
      preset: preset!,
      network: 'wrn-16-2',
      size: 32,
      seeds: '1',
      pretrainEpochs: 3,
      epochs: 2,
      lambda: 0,
      oodDatasetIds: ['digits'],
      protocol: 'six-sets',
      withControl: true,
      withBatchNorm: false,
      name: ' twice ',
    });
    expect(request).toMatchObject({
      start: { kind: 'finetune', parentId: 'm-before' },
      finetune: { epochs: 2, lambda: 0 },
      // With λ = 0 it is a control itself.
      withControl: false,
      name: 'twice',
    });
  });
});
