import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import FirstStart from '../../../src/renderer/app/FirstStart.vue';
import ReportScreen from '../../../src/renderer/features/report/ReportScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

// There is no canvas here: the pages are drawn in the window (test/e2e).
vi.mock('../../../src/renderer/features/report/pages/pdf-document.ts', () => ({
  PIXELS_PER_POINT: 96 / 72,
  openPdf: () =>
    Promise.resolve({
      sizes: Array.from({ length: 30 }, () => ({ width: 595, height: 842 })),
      bookmarks: [
        { title: 'Verdict', page: 0, children: [] },
        { title: 'Data', page: 12, children: [] },
      ],
      draw: () => Promise.resolve(document.createElement('canvas')),
      layText: () => Promise.resolve(),
      links: () => Promise.resolve([]),
      close: () => undefined,
    }),
}));

withLayout();
let mounted: Mounted | null = null;
const open = async (options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> => {
  mounted = await mountScreen(ReportScreen, { path: '/report', images: 9500, ...options });
  await flushPromises();
  return mounted;
};
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const asked = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);
const press = async (name: string): Promise<void> => {
  await buttonOf(mounted!.wrapper, name).trigger('click');
  await flushPromises();
};
/** The control that a label names. */
const area = (label: string) => {
  const found = mounted!.wrapper.findAll('label').find((one) => one.text() === label)!;
  return mounted!.wrapper.get(`[id="${found.attributes('for')!}"]`);
};

describe('a new report', () => {
  it('offers model, parent, control and every set, and begins with that', async () => {
    const { wrapper, router } = await open();
    expect(wrapper.text()).toContain('Everything is scored.');
    await press('Create the report');
    expect(asked('reports.create')).toMatchObject([
      {
        choice: {
          sparseModelId: 'm-sparse',
          beforeModelId: 'm-before',
          controlModelId: 'm-control',
          idDatasetId: 'fashion',
          oodDatasetIds: ['photographs', 'digits', 'textures'],
        },
      },
    ]);
    await vi.waitFor(() => expect(router.currentRoute.value.params['id']).toBe('a-1'));
  });

  it('leaves out sets that the model was trained on, and says why', async () => {
    const { wrapper } = await open({
      handlers: {
        'reports.plan': () => ({
          barred: [{ datasetId: 'digits', reason: 'It was trained on as outliers.' }],
          missing: [{ modelId: 'm-sparse', datasetId: 'textures', images: 950 }],
          seconds: 4,
          firstScoredAt: null,
          protocols: [],
        }),
      },
    });
    expect(wrapper.text()).toContain('It was trained on as outliers.');
    expect(wrapper.text()).toContain('950 images are scored as part of the job');
    await press('Create the report');
    expect(asked('reports.create')).toMatchObject([{ choice: { oodDatasetIds: ['photographs', 'textures'] } }]); // prettier-ignore
  });

  it('leads to training when there is nothing to audit', async () => {
    const { wrapper } = await open({ images: 0 });
    expect(buttonOf(wrapper, 'Pretrain').exists()).toBe(true);
  });
});

describe('a report', () => {
  it('is built where its pages will be', async () => {
    await open();
    await press('Create the report');
    await vi.waitFor(() => buttonOf(mounted!.wrapper, 'Build the report'));
    await press('Build the report');
    await vi.waitFor(() => expect(mounted!.wrapper.find('[aria-label="Page number"]').exists()).toBe(true)); // prettier-ignore
    expect(mounted!.wrapper.text()).toContain('of 30');
    // Only what is near is drawn, however long the report is.
    expect(mounted!.wrapper.findAll('.pdf-sheet').length).toBeLessThan(10);
  });

  it('keeps what is typed, and draws its pages again', async () => {
    await open({ reports: true, path: '/report?tab=words' });
    await vi.waitFor(() => expect(asked('reports.pages')).toHaveLength(1));
    await area('Human oversight').setValue('The shift lead');
    expect(mounted!.wrapper.text()).toContain('Saving…');
    await area('Human oversight').trigger('focusout');
    await flushPromises();
    expect(asked('reports.update')).toMatchObject([{ fields: { oversight: 'The shift lead' } }]);
    expect(mounted!.wrapper.text()).toContain('Saved');
    expect(mounted!.wrapper.text()).toContain('Updating…');
    await vi.waitFor(() => expect(asked('reports.pages')).toHaveLength(2));
  });

  it('loses nothing when it cannot be kept: says so, and tries again', async () => {
    let refuse = true;
    await open({ reports: true, path: '/report?tab=words' });
    const { api } = mounted!;
    const call = api.call.bind(api) as (...given: unknown[]) => Promise<unknown>;
    (api as { call: unknown }).call = (method: string, ...more: unknown[]) =>
      refuse && method === 'reports.update'
        ? Promise.reject(Object.assign(new Error('The disk is full. Free some space.'), { code: 'no-space' })) // prettier-ignore
        : call(method, ...more);
    await area('Monitoring and triggers').setValue('Weekly');
    await area('Monitoring and triggers').trigger('focusout');
    await flushPromises();
    expect(mounted!.wrapper.get('[role="alert"]').text()).toContain('The disk is full.');
    expect((area('Monitoring and triggers').element as HTMLTextAreaElement).value).toBe('Weekly');
    refuse = false;
    await press('Try again');
    expect(asked('reports.update')).toMatchObject([{ fields: { monitoring: 'Weekly' } }]);
    expect(mounted!.wrapper.find('[role="alert"]').exists()).toBe(false);
  });

  it('keeps what waits when the screen is left', async () => {
    const { wrapper } = await open({ reports: true, path: '/report?tab=words' });
    await area('Risks').setValue('None that we know');
    wrapper.unmount();
    await flushPromises();
    expect(asked('reports.update')).toMatchObject([{ fields: { risks: 'None that we know' } }]);
  });

  it('says when the pages show older numbers', async () => {
    const { wrapper } = await open({ reports: true, path: '/report?tab=audit' });
    await wrapper.findAll('[role="checkbox"]').find((one) => one.element.closest('li')?.textContent.includes('textures'))!.trigger('click'); // prettier-ignore
    await vi.waitFor(() => expect(wrapper.text()).toContain('What is audited was changed.'));
    await press('Build again');
    await vi.waitFor(() => expect(wrapper.text()).not.toContain('What is audited was changed.'));
  });
});

describe('acceptance criteria', () => {
  it('are fixed as they are and withdrawn with a reason; there is no way to edit one', async () => {
    const { wrapper } = await open({ reports: true, path: '/report?tab=criteria' });
    expect(wrapper.text()).toContain('before the test');
    expect(wrapper.text()).toContain('FPR95, mean over the sets: at most 35.0%');
    expect(wrapper.text()).toContain('measured 31.2%');
    await press('Withdraw…');
    expect(buttonOf(wrapper, 'Withdraw it').attributes('aria-disabled')).toBe('true');
    await wrapper.get('input[aria-label="Why"]').setValue('Measured in another way now');
    await wrapper.get('.criterion-leave').trigger('submit');
    await flushPromises();
    expect(asked('reports.withdrawCriterion')).toMatchObject([{ criterionId: 'k-1', note: 'Measured in another way now' }]); // prettier-ignore
    expect(asked('reports.update')).toEqual([]);
  });

  it('in words are judged by people', async () => {
    const { wrapper } = await open({ reports: true, path: '/report?tab=criteria' });
    await press('In words');
    expect(buttonOf(wrapper, 'Fix it now').attributes('aria-disabled')).toBe('true');
    await area('Criterion').setValue('Accepted by the works council');
    await wrapper.get('form[aria-label="Add a criterion"]').trigger('submit');
    await flushPromises();
    expect(asked('reports.fixCriterion')).toMatchObject([{ text: 'Accepted by the works council', check: null, replaces: null }]); // prettier-ignore
  });
});

describe('versions', () => {
  it('are written, exported and verified; what changed is told', async () => {
    const { wrapper } = await open({ reports: true, path: '/report?tab=versions' });
    await wrapper.get('.versions-new').trigger('submit');
    await vi.waitFor(() => expect(wrapper.text()).toContain('Version 2'));
    expect(asked('reports.finalise')).toMatchObject([{ status: 'final', signingKey: null }]);
    const changes = wrapper.get('.version-changes').text();
    expect(changes).toContain('Risks');
    expect(changes).toContain('not supplied');
    expect(changes).toContain('a wrong bin costs about 40 seconds');
    await press('Export…');
    await vi.waitFor(() => expect(wrapper.text()).toContain('/exports/report-v2'));
    await press('Verify');
    await vi.waitFor(() => expect(wrapper.text()).toContain('Verified: nothing differs.'));
    // The copy that was exported, not the one in the workspace.
    expect(asked('reports.verify')).toEqual([{ grantId: 'grant-my-images-out' }]);
  });

  it('tell the first difference loudly', async () => {
    const { wrapper } = await open({
      reports: true,
      path: '/report?tab=versions',
      handlers: {
        'reports.verify': () => ({
          ok: false,
          folder: '/exports/report-v1',
          checks: [{ label: 'Files', ok: false, detail: 'report.json has another hash' }],
        }),
      },
    });
    await press('Verify');
    await vi.waitFor(() => expect(wrapper.get('[role="alert"]').text()).toContain('report.json has another hash')); // prettier-ignore
  });

  it('cannot be written before it is built', async () => {
    await open();
    await press('Create the report');
    await mounted!.router.push('/report/a-1?tab=versions');
    await vi.waitFor(() => buttonOf(mounted!.wrapper, 'Write version 1'));
    expect(buttonOf(mounted!.wrapper, 'Write version 1').attributes('aria-disabled')).toBe('true');
  });
});

describe('the steps of the first start', () => {
  it('end with a report that was built', async () => {
    mounted = await mountScreen(FirstStart, { images: 9500 });
    const last = () => mounted!.wrapper.findAll('ol li').at(-1)!;
    expect(last().text()).toContain('Export the report');
    expect(last().classes()).toContain('next');
    mounted.wrapper.unmount();
    mounted = await mountScreen(FirstStart, { images: 9500, reports: true });
    expect(last().text()).toContain('Done');
  });
});
