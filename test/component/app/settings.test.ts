import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../../../src/renderer/app/App.vue';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(App, { path: '/settings', ...options });
  await vi.waitFor(() => expect(mounted!.wrapper.find('h1').exists()).toBe(true), 20_000);
  return mounted;
}
const press = async (text: string): Promise<void> => {
  await mounted!.wrapper.findAll('button').find((button) => button.text() === text)!.trigger('click'); // prettier-ignore
  await flushPromises();
};

describe('settings', () => {
  it('change theme and language at once', async () => {
    const { wrapper, host } = await open({ settings: { theme: 'light' } });
    await press('Dark');
    expect(document.documentElement.dataset['theme']).toBe('dark');
    await host.api.updateSettings({ language: 'zh-CN' });
    await flushPromises();
    expect(wrapper.find('h1').text()).toBe('设置');
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  it('go back when they cannot be kept, and say why', async () => {
    const { host } = await open({ settings: { theme: 'light' } });
    vi.spyOn(host.api, 'updateSettings').mockRejectedValue(
      new Error('Settings: the disk is full.'),
    );
    await press('Dark');
    expect(document.documentElement.dataset['theme']).toBe('light');
    expect(document.body.textContent).toContain('Settings: the disk is full.');
  });

  it('keep the name when the field is left, without spaces around it', async () => {
    const { wrapper, host } = await open();
    const field = wrapper.find('input[placeholder^="Name of"]');
    await field.setValue('  Ada Lovelace ');
    await field.trigger('change');
    await flushPromises();
    expect((await host.api.updateSettings({})).author).toBe('Ada Lovelace');
  });

  it('run the self-test and show what it found', async () => {
    const { wrapper } = await open();
    await press('Run the self-test');
    expect(wrapper.text()).toContain('Passed');
    expect(wrapper.text()).toContain('agrees with the reference');
  });

  it('say what the device waits for, and load it', async () => {
    const { wrapper } = await open({ runtime: 'none' });
    expect(wrapper.text()).toContain('TensorFlow has not been loaded yet.');
    await press('Load it now');
    expect(wrapper.text()).toContain('Runs on Processor (CPU)');
  });

  it('say that another device takes a restart', async () => {
    const { wrapper, host } = await open();
    await host.api.updateSettings({ device: 'wasm' });
    await flushPromises();
    expect(wrapper.text()).toContain('Takes effect when the engine restarts.');
  });

  it('say that nothing is sent', async () => {
    const { wrapper } = await open();
    expect(wrapper.text()).toContain('Straylight sends nothing.');
  });
});
