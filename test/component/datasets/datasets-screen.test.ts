import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useIntake } from '../../../src/renderer/app/stores/intake.ts';
import DatasetsScreen from '../../../src/renderer/features/datasets/DatasetsScreen.vue';
import { buttonOf } from '../support/find.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
async function open(options: Parameters<typeof mountScreen>[1] = {}): Promise<Mounted> {
  mounted = await mountScreen(DatasetsScreen, { path: '/datasets', images: 950, ...options });
  return mounted;
}
afterEach(() => {
  mounted?.wrapper.unmount();
  document.body.innerHTML = '';
});
const askedFor = (method: string) =>
  mounted!.requests.filter((request) => request.method === method).map(({ params }) => params);

const preview = {
  kind: 'folder',
  name: 'bolts',
  displayPath: '/data/bolts',
  guessedRole: 'ood',
  guessedNearFar: 'near',
  registeredAs: null,
  overlaps: null,
  problem: null,
} as const;
const drop = async (...ids: string[]): Promise<void> => {
  useIntake().offer(
    ids.map((grantId) => ({ grantId, kind: 'folder', displayPath: `/data/${grantId}` })),
  );
  await flushPromises();
};

describe('folders that were dropped', () => {
  it('are scanned as guessed once the person agrees', async () => {
    const { wrapper } = await open({ handlers: { 'datasets.preview': () => preview } });
    await drop('g-1');
    await buttonOf(wrapper, 'Scan').trigger('click');
    await flushPromises();
    expect(askedFor('datasets.register')).toMatchObject([
      { grantId: 'g-1', name: 'bolts', role: 'ood', nearFar: 'near' },
    ]);
  });

  it('are scanned one after the other, all with one press', async () => {
    const { wrapper } = await open({ handlers: { 'datasets.preview': () => preview } });
    await drop('g-1', 'g-2', 'g-3');
    await buttonOf(wrapper, 'Scan all 3').trigger('click');
    await vi.waitFor(() => expect(askedFor('datasets.register')).toHaveLength(3));
  });

  it('say why they cannot be registered, and offer no scan', async () => {
    const problem = '/data/notes holds 12 text files and no image. Choose a folder of images.';
    const { wrapper } = await open({
      handlers: { 'datasets.preview': () => ({ ...preview, problem }) },
    });
    await drop('g-1');
    expect(wrapper.get('[role="alert"]').text()).toBe(problem);
    expect(() => buttonOf(wrapper, 'Scan')).toThrow();
  });

  it('say when they lie inside a registered folder', async () => {
    const overlaps = { datasetId: 'fashion', name: 'fashion', relation: 'inside' } as const;
    const { wrapper } = await open({
      handlers: { 'datasets.preview': () => ({ ...preview, overlaps }) },
    });
    await drop('g-1');
    expect(wrapper.text()).toContain('Lies inside “fashion”: its images would count twice.');
  });
});

describe('the list', () => {
  it('tells every problem of a dataset in a word', async () => {
    const { wrapper, world } = await open();
    const [first] = [...world.datasets.values()];
    expect(wrapper.text()).toContain(`${first!.failed} unreadable`);
  });

  it('teaches what to drop where there is nothing', async () => {
    const { wrapper } = await open({ images: 0, models: false });
    expect(wrapper.text()).toContain('Drop image folders anywhere on this window');
  });
});
