import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { h, ref } from 'vue';
import { IndexRanges, VirtualGrid } from '../../../../src/renderer/ui/index.ts';
import { withLayout } from '../../support/layout.ts';
import { mountScreen, type Mounted } from '../../support/mount-screen.ts';

// 1280 px wide, cells of at least 100 px: 12 columns; 800 px high: 8 rows in view and 2 ahead.
withLayout();
let mounted: Mounted | null = null;
afterEach(() => mounted?.wrapper.unmount());

async function grid(total: number) {
  const selected = ref(IndexRanges.none);
  const cursor = ref<number | null>(null);
  const opened = vi.fn();
  const render = () =>
    h(VirtualGrid, {
      total,
      label: 'Worst first',
      cell: 100,
      item: (index: number) => ({ src: `/thumb/d/${index}`, label: `image ${index}` }),
      selected: selected.value,
      'onUpdate:selected': (value: IndexRanges) => (selected.value = value),
      cursor: cursor.value,
      'onUpdate:cursor': (value: number | null) => (cursor.value = value),
      onOpen: opened,
    });
  mounted = await mountScreen({ setup: () => render });
  const { wrapper } = mounted;
  const press = async (key: string, more: object = {}): Promise<void> => {
    await wrapper.find('[role="grid"]').trigger('keydown', { key, ...more });
    await flushPromises();
  };
  return { wrapper, selected, cursor, opened, press };
}
const cells = (wrapper: VueWrapper) => wrapper.findAll('[role="gridcell"]');

describe('the grid of images', () => {
  it('draws what is in view, of a million images', async () => {
    const { wrapper } = await grid(1_000_000);
    expect(cells(wrapper).length).toBeLessThan(200);
    expect(wrapper.find('[role="grid"]').attributes('aria-label')).toBe('Worst first, Images, 1,000,000'); // prettier-ignore
    expect(Number(wrapper.find('[role="grid"]').attributes('aria-rowcount'))).toBe(Math.ceil(1e6 / 12)); // prettier-ignore
  });

  it('goes to the last image and back by key', async () => {
    const { wrapper, press, cursor } = await grid(1_000_000);
    await press('End');
    expect(cursor.value).toBe(999_999);
    expect(cells(wrapper).at(-1)!.attributes('aria-label')).toBe('image 999999');
    await press('Home');
    expect(cells(wrapper)[0]!.attributes('aria-label')).toBe('image 0');
  });

  it('moves by rows and columns, extends with Shift, selects all, and clears', async () => {
    const { press, selected, cursor } = await grid(40);
    await press('Home');
    await press('ArrowDown');
    await press('j');
    expect(cursor.value).toBe(13);
    await press('ArrowRight', { shiftKey: true });
    await press('ArrowRight', { shiftKey: true });
    expect([...selected.value]).toEqual([13, 14, 15]);
    await press('a', { ctrlKey: true });
    expect(selected.value.count).toBe(40);
    await press('Escape');
    expect(selected.value.count).toBe(0);
  });

  it('opens the image under the cursor with Space and Enter', async () => {
    const { press, opened } = await grid(40);
    await press('Home');
    await press(' ');
    await press('Enter');
    expect(opened.mock.calls).toEqual([[0], [0]]);
  });

  it('says which cells are selected, and where the cursor is', async () => {
    const { wrapper, press } = await grid(40);
    await press('Home');
    await press('ArrowRight', { shiftKey: true });
    expect(cells(wrapper).filter((cell) => cell.attributes('aria-selected') === 'true')).toHaveLength(2); // prettier-ignore
    const active = wrapper.find('[role="grid"]').attributes('aria-activedescendant')!;
    expect(document.getElementById(active)!.getAttribute('aria-label')).toBe('image 1');
  });

  it('leaves keys that are not its own to the screen', async () => {
    const { wrapper } = await grid(40);
    const heard = vi.fn();
    document.body.addEventListener('keydown', heard);
    await wrapper.find('[role="grid"]').trigger('keydown', { key: 'x' });
    expect(heard).toHaveBeenCalledTimes(1);
    document.body.removeEventListener('keydown', heard);
  });
});
