import { flushPromises, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { h } from 'vue';
import { DataTable, type TableColumn } from '../../../src/renderer/ui/index.ts';
import { withLayout } from '../support/layout.ts';
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

withLayout();
let mounted: Mounted | null = null;
afterEach(() => mounted?.wrapper.unmount());

interface Row {
  readonly name: string;
  readonly fpr: number | null;
}
const columns: readonly TableColumn<Row>[] = [
  { id: 'name', label: 'Set', text: ({ name }) => name, order: ({ name }) => name },
  { id: 'fpr', label: 'FPR95', align: 'number', text: ({ fpr }) => String(fpr), order: ({ fpr }) => fpr, firstDirection: 'descending' }, // prettier-ignore
];
async function table(rows: readonly Row[]) {
  const open = vi.fn();
  const render = () => h(DataTable<Row>, { columns, rows, rowKey: (row: Row) => row.name, label: 'Sets', onOpen: open }); // prettier-ignore
  mounted = await mountScreen({ setup: () => render });
  return { wrapper: mounted.wrapper, open };
}
const names = (wrapper: VueWrapper): string[] =>
  wrapper.findAll('tr.row').map((row) => row.find('td').text());
const sortBy = async (wrapper: VueWrapper, label: string): Promise<void> => {
  await wrapper.find(`button[aria-label="Sort by ${label}"]`).trigger('click');
};

describe('a table', () => {
  const rows = [
    { name: 'set 10', fpr: 0.2 },
    { name: 'set 9', fpr: null },
    { name: 'set 2', fpr: 0.7 },
  ];

  it('sorts names as people count, numbers from the worst, and keeps what has no value last', async () => {
    const { wrapper } = await table(rows);
    expect(names(wrapper)).toEqual(['set 10', 'set 9', 'set 2']);
    await sortBy(wrapper, 'Set');
    expect(names(wrapper)).toEqual(['set 2', 'set 9', 'set 10']);
    await sortBy(wrapper, 'FPR95');
    expect(names(wrapper)).toEqual(['set 2', 'set 10', 'set 9']);
    expect(wrapper.findAll('th')[1]!.attributes('aria-sort')).toBe('descending');
    await sortBy(wrapper, 'FPR95');
    expect(names(wrapper)).toEqual(['set 10', 'set 2', 'set 9']);
  });

  it('opens a row by key', async () => {
    const { wrapper, open } = await table(rows);
    const box = wrapper.find('.table');
    await box.trigger('keydown', { key: 'ArrowDown' });
    await box.trigger('keydown', { key: 'Enter' });
    expect(open).toHaveBeenCalledWith(rows[1]);
  });

  it('draws the rows in view, of a hundred thousand', async () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({ name: `set ${at}`, fpr: at }));
    const { wrapper } = await table(many);
    await flushPromises();
    expect(names(wrapper).length).toBeLessThan(100);
    expect(wrapper.find('table').attributes('aria-rowcount')).toBe('100001');
  });
});
