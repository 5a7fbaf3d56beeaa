import { flushPromises, type DOMWrapper, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../../../src/renderer/app/App.vue';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

let mounted: Mounted | null = null;
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const open = async (options: Parameters<typeof mountScreen>[1]): Promise<Mounted> =>
  (mounted = await mountScreen(App, options));

const press = async (key: string, more: KeyboardEventInit = {}): Promise<void> => {
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
  await flushPromises();
};
const ctrl = { ctrlKey: true };
const named = (wrapper: VueWrapper, text: string): DOMWrapper<Element> =>
  wrapper.findAll('button').find((button) => button.text() === text)!;
const inBody = (text: string): HTMLElement | undefined =>
  [...document.body.querySelectorAll<HTMLElement>('button, [role="option"]')].find(
    (element) => element.textContent.trim() === text || element.getAttribute('aria-label') === text,
  );
const GONE = {
  state: 'gone',
  error: { code: 'engine-gone', message: 'The engine has stopped (signal SIGKILL).' },
  restarting: false,
} as const;

describe('the rail', () => {
  it('leads to every screen in the order of the way through, and says which is open', async () => {
    // The way was walked to its end: no step is offered beside the screens.
    const { wrapper } = await open({ path: '/settings', reports: true });
    const links = wrapper.findAll('nav[aria-label="Screens"] a');
    expect(links.map((link) => link.text().replace(/\d.*$/u, ''))).toEqual([
      'Datasets', 'Train', 'Models', 'Scores', 'Compare', 'Curate', 'Report', 'Settings',
    ]); // prettier-ignore
    expect(links.find((link) => link.attributes('aria-current') === 'page')!.text()).toBe(
      'Settings',
    );
  });

  it('collapses with its key and remembers it', async () => {
    const { wrapper, host } = await open({ path: '/settings' });
    await press('b', ctrl);
    expect(wrapper.find('.shell').classes()).toContain('collapsed');
    expect(wrapper.find('nav[aria-label="Screens"] a').attributes('aria-label')).toContain('Datasets'); // prettier-ignore
    expect((await host.api.updateSettings({})).railCollapsed).toBe(true);
  });
});

describe('commands', () => {
  it('are found by typing and run with Enter', async () => {
    const { router } = await open({ path: '/settings' });
    await press('k', ctrl);
    const field = document.querySelector<HTMLInputElement>('[role="dialog"] input')!;
    field.value = 'rep';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await flushPromises();
    expect([...document.querySelectorAll('[role="option"]')].map((item) => item.textContent)).toHaveLength(1); // prettier-ignore
    inBody('ReportCtrl7')!.click();
    await vi.waitFor(() => expect(router.currentRoute.value.path).toBe('/report'), 20_000);
  });

  it('say so when nothing is called that', async () => {
    await open({ path: '/settings' });
    await press('k', ctrl);
    const field = document.querySelector<HTMLInputElement>('[role="dialog"] input')!;
    field.value = '<img src=x>';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await flushPromises();
    expect(document.querySelector('[role="dialog"]')!.textContent).toContain('“<img src=x>”');
    expect(document.querySelector('[role="dialog"] img')).toBeNull();
  });

  it('do not run on keys that go into a text', async () => {
    const { wrapper } = await open({ path: '/settings' });
    const field = wrapper.find<HTMLInputElement>('input[placeholder^="Name of"]');
    field.element.focus();
    await press('?');
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    field.element.blur();
    await press('?');
    expect(document.querySelector('[role="dialog"]')!.textContent).toContain('Keyboard shortcuts');
  });
});

describe('the job tray', () => {
  it('tells about the running job while closed, and of all when open', async () => {
    const { wrapper } = await open({ path: '/settings', running: true });
    const trigger = wrapper.find('header button.trigger');
    expect(trigger.text()).toContain('42%');
    expect(trigger.text()).toContain('16 min left');
    await press('j', ctrl);
    const rows = [...document.querySelectorAll('li.job')].map((row) => row.textContent);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('2,370 / 5,640 steps · 3.4 steps/s · 16 min left');
    expect(rows[1]).toContain('Waiting');
  });

  it('pauses, resumes and cancels', async () => {
    const { requests, runs } = await open({ path: '/settings', running: true });
    await press('j', ctrl);
    inBody('Pause “Fine-tune, λ = 0.001”')!.click();
    await flushPromises();
    expect(runs.get('run-2').state).toBe('paused');
    inBody('Resume “Fine-tune, λ = 0.001”')!.click();
    await flushPromises();
    expect(runs.get('run-2').state).toBe('running');
    inBody('Cancel “Fine-tune, λ = 0 (control)”')!.click();
    await flushPromises();
    expect(requests).toContainEqual({ method: 'jobs.cancel', params: { jobId: 'job-run-3' } });
  });

  it('is watched again after the engine came back', async () => {
    const fake = await open({ path: '/settings' });
    const watches = () => fake.requests.filter(({ method }) => method === 'jobs.watch').length;
    expect(watches()).toBe(1);
    fake.setEngine(GONE);
    fake.setEngine({ state: 'running' });
    await flushPromises();
    expect(watches()).toBe(2);
  });
});

describe('an engine that stopped', () => {
  it('is told about, and comes back on request; what ran goes on only when asked', async () => {
    const fake = await open({ path: '/settings', running: true, interruptedRuns: ['run-2'] });
    const { wrapper, requests } = fake;
    fake.setEngine(GONE);
    await flushPromises();
    expect(wrapper.find('[role="alert"]').text()).toContain(
      'The engine has stopped (signal SIGKILL).',
    );
    await named(wrapper, 'Restart').trigger('click');
    await flushPromises();
    expect(wrapper.find('[role="alert"]').exists()).toBe(false);
    expect(requests.some(({ method }) => method === 'runs.resume')).toBe(false);

    fake.setEngine(GONE);
    await flushPromises();
    await named(wrapper, 'Restart and resume').trigger('click');
    await flushPromises();
    expect(requests).toContainEqual({ method: 'runs.resume', params: { runId: 'run-2' } });
  });

  it('offers runs that an earlier end interrupted', async () => {
    const { wrapper, requests } = await open({
      path: '/settings',
      running: true,
      interruptedRuns: ['run-2'],
    });
    expect(wrapper.find('.banner').text()).toContain('1 run was interrupted');
    await named(wrapper, 'Resume').trigger('click');
    await flushPromises();
    expect(requests).toContainEqual({ method: 'runs.resume', params: { runId: 'run-2' } });
  });
});

describe('a workspace that cannot be opened', () => {
  const workspaceError = { code: 'locked', message: 'Workspace /w: held by another process (4711).' } as const; // prettier-ignore

  it('says what, why and what now, and lets the settings open', async () => {
    const { wrapper, router } = await open({ path: '/', workspaceError });
    await vi.waitFor(() => expect(wrapper.text()).toContain(workspaceError.message));
    expect(wrapper.text()).toContain('Close it there, then try again.');
    expect(named(wrapper, 'Choose another folder').exists()).toBe(true);
    await router.push('/settings');
    await vi.waitFor(() => expect(wrapper.find('h1').text()).toBe('Settings'), 20_000);
  });

  it('takes a typed path in a browser, which has no dialog', async () => {
    const { wrapper, host } = await open({ path: '/', workspaceError, kind: 'web' });
    const change = vi.spyOn(host.api, 'changeWorkspace');
    await vi.waitFor(() => expect(wrapper.text()).toContain(workspaceError.message));
    await wrapper.find('input').setValue(' /data/other ');
    await named(wrapper, 'Choose another folder').trigger('click');
    expect(change).toHaveBeenCalledWith('/data/other');
  });
});

describe('dropping folders', () => {
  const drop = async (type: string, files: readonly File[]): Promise<void> => {
    const event = new Event(type, { bubbles: true, cancelable: true });
    Object.assign(event, { dataTransfer: { types: ['Files'], files, dropEffect: '' } });
    window.dispatchEvent(event);
    await flushPromises();
  };

  it('works anywhere on the window and leads to the datasets', async () => {
    const { wrapper, router } = await open({ path: '/settings' });
    await drop('dragenter', []);
    expect(wrapper.text()).toContain('Drop folders to add them as datasets');
    await drop('drop', [new File([], 'leaves')]);
    expect(wrapper.text()).not.toContain('Drop folders to add them as datasets');
    await vi.waitFor(() => expect(router.currentRoute.value.path).toBe('/datasets'), 20_000);
  });

  it('says so where a browser hides the paths', async () => {
    await open({ path: '/settings', kind: 'web' });
    await drop('drop', [new File([], 'leaves')]);
    await vi.waitFor(() => expect(document.body.textContent).toContain('A browser hides the paths'), 20_000); // prettier-ignore
  });
});
