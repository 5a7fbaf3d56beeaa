import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import ModelsScreen from '../../../src/renderer/features/models/ModelsScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(ModelsScreen, { path: '/models/m-before', ...options });
  await vi.waitFor(() => expect(mounted!.wrapper.text()).toContain(options.language ? '鲁棒性' : 'Robustness')); // prettier-ignore
  return mounted;
}

describe('robustness of a model', () => {
  it('is measured when asked for, and shown by corruption and severity', async () => {
    const { wrapper, requests } = await open();
    expect(wrapper.text()).toContain('Not measured for these weights.');
    await buttonOf(wrapper, 'Measure on corrupted images').trigger('click');
    await vi.waitFor(() => expect(wrapper.text()).toContain('Defocus'));
    expect(requests.filter(({ method }) => method === 'robustness.start')).toMatchObject([
      { params: { modelIds: ['m-before'], datasetId: 'fashion' } },
    ]);
    const row = (name: string): string[] =>
      wrapper.findAll('tbody tr').find((one) => one.find('th').exists() && one.find('th').text() === name)!.findAll('td').map((cell) => cell.text()); // prettier-ignore
    // The invented numbers: 0.9 less 0.03 a severity.
    expect(row('Noise')).toEqual(['87.0%', '84.0%', '81.0%', '78.0%', '75.0%']);
    expect(wrapper.text()).toContain('clean: 91.2%');
    await buttonOf(wrapper, 'Kept').trigger('click');
    await flushPromises();
    expect(row('Noise')[0]).toBe('90.0%');
    expect(wrapper.text()).toContain('clean: 94.8%');
    buttonOf(wrapper, 'Measure again');
  });

  it('says why it failed', async () => {
    const { wrapper } = await open({
      handlers: {
        'robustness.start': () =>
          Promise.reject(new Error('fashion has no test images to corrupt.')),
      },
    });
    await buttonOf(wrapper, 'Measure on corrupted images').trigger('click');
    await vi.waitFor(() => expect(wrapper.text()).toContain('has no test images to corrupt'));
  });

  it('in Chinese', async () => {
    const { wrapper } = await open({ language: 'zh-CN' });
    await buttonOf(wrapper, '用劣化图像测量').trigger('click');
    await vi.waitFor(() => expect(wrapper.text()).toContain('散焦'));
  });
});
