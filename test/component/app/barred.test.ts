/** Sets that a model was trained on as outliers: no screen that evaluates uses them, and each says why. */
import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Bar } from '../../../src/contract/scores.ts';
import { createWorld } from '../../../src/renderer/dev/fake/world.ts';
import CompareScreen from '../../../src/renderer/features/compare/CompareScreen.vue';
import ScoresScreen from '../../../src/renderer/features/scores/ScoresScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});

/** `m-sparse` was trained on textures; three images of digits are among them. */
const BARS: Bar[] = [
  { modelId: 'm-sparse', datasetId: 'textures', reason: 'trained-on', outlierName: 'textures', shared: 95, images: 95 }, // prettier-ignore
  { modelId: 'm-sparse', datasetId: 'digits', reason: 'shares-images', outlierName: 'textures', shared: 3, images: 95 }, // prettier-ignore
];
const open = async (screen: Parameters<typeof mountScreen>[0], path: string): Promise<Mounted> => {
  const barred = [{ datasetId: 'textures', name: 'textures', images: 95, modelId: 'm-sparse' }];
  mounted = await mountScreen(screen, {
    path,
    images: 950,
    handlers: {
      'models.list': () =>
        [...createWorld({ images: 950 }).models.values()].map((model) =>
          model.id === 'm-sparse' ? { ...model, barred } : model,
        ),
      'scores.barred': ({ modelIds }) => BARS.filter(({ modelId }) => modelIds.includes(modelId)),
    },
  });
  return mounted;
};
const lastAsked = (method: string) =>
  mounted!.requests.findLast((request) => request.method === method)?.params as
    { readonly oodDatasetIds: readonly string[] } | undefined;

describe('a set that the model was trained on as outliers', () => {
  it('is left out of scores, cannot be chosen, and says why', async () => {
    const { wrapper } = await open(ScoresScreen, '/scores?model=m-sparse');
    await vi.waitFor(() =>
      expect(lastAsked('scores.distributions')?.oodDatasetIds).toEqual(['photographs']),
    );
    await buttonOf(wrapper, '1 of 3 OOD sets').trigger('click');
    await flushPromises();
    const choices = [...document.querySelectorAll('.choices label')];
    const textures = choices.find((one) => one.textContent.includes('textures'))!;
    expect(textures.textContent).toContain('barred: trained on as outliers');
    expect(textures.querySelector('button')!.disabled).toBe(true);
    expect(choices.find((one) => one.textContent.includes('digits'))!.textContent).toContain(
      'barred: 3 images were trained on as outliers',
    );
  });

  it('is there for a model that was not trained on it', async () => {
    await open(ScoresScreen, '/scores?model=m-before');
    await vi.waitFor(() =>
      expect(lastAsked('scores.distributions')?.oodDatasetIds).toEqual([
        'photographs',
        'digits',
        'textures',
      ]),
    );
    expect(lastAsked('scores.barred')).toBeUndefined();
  });

  it('is left out of a comparison with the model', async () => {
    await open(CompareScreen, '/compare?models=m-before,m-sparse');
    await vi.waitFor(() =>
      expect(lastAsked('compare.models')?.oodDatasetIds).toEqual(['photographs']),
    );
  });
});
