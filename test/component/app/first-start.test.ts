import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import FirstStart from '../../../src/renderer/app/FirstStart.vue';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

let mounted: Mounted | null = null;
afterEach(() => mounted?.wrapper.unmount());
const open = async (options: Parameters<typeof mountScreen>[1]): Promise<Mounted> =>
  (mounted = await mountScreen(FirstStart, { settings: { firstStartDone: false }, ...options }));
const press = async (text: string): Promise<void> => {
  await mounted!.wrapper.findAll('button').find((button) => button.text() === text)!.trigger('click'); // prettier-ignore
  await flushPromises();
};

describe('the first start', () => {
  it('makes the sample project, then is done', async () => {
    const { requests, host, router } = await open({ images: 0 });
    await press('Start with the sample project');
    expect(requests.map(({ method }) => method)).toContain('sample.create');
    expect((await host.api.updateSettings({})).firstStartDone).toBe(true);
    await vi.waitFor(() => expect(router.currentRoute.value.path).toBe('/datasets'), 20_000);
  });

  it('stays when the sample cannot be made, and says why', async () => {
    const { wrapper, host } = await open({
      images: 0,
      handlers: {
        'sample.create': () => {
          throw Object.assign(new Error('Disk: full. Free 10 MB, then try again.'), { code: 'no-space' }); // prettier-ignore
        },
      },
    });
    await press('Start with the sample project');
    expect(wrapper.find('[role="alert"]').text()).toContain('Disk: full.');
    expect((await host.api.updateSettings({})).firstStartDone).toBe(false);
  });

  it('shows which step is next', async () => {
    const { wrapper } = await open({ images: 9500, models: false });
    const steps = wrapper.findAll('ol li');
    expect(steps[0]!.text()).toContain('Done');
    expect(steps[1]!.classes()).toContain('next');
  });
});
