import { flushPromises } from '@vue/test-utils';
import { defineComponent, h } from 'vue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Button, DropdownMenu, IconButton, IconEdit, Popover, Select } from '../../../src/renderer/ui/index.ts'; // prettier-ignore
import { mountScreen, type Mounted } from '../support/mount-screen.ts';

let mounted: Mounted | null = null;
afterEach(() => mounted?.wrapper.unmount());
const show = async (render: () => unknown) =>
  (mounted = await mountScreen({ setup: () => render as never })).wrapper;

describe.each([
  ['Button', () => h(Button, null, () => 'Edit')],
  ['IconButton', () => h(IconButton, { icon: IconEdit, label: 'Edit' })],
])('%s', (_name, make) => {
  it('passes clicks, classes and attributes on to the button', async () => {
    const click = vi.fn();
    const vnode = () => h(make(), { class: 'mine', 'data-part': 'edit', onClick: click });
    const wrapper = await show(vnode);
    const button = wrapper.find('button.mine[data-part="edit"]');
    await button.trigger('click');
    expect(click).toHaveBeenCalledTimes(1);
  });

  it('opens the popover that it is the trigger of, and says that it does', async () => {
    const wrapper = await show(() =>
      h(Popover, { label: 'Details' }, { trigger: make, default: () => 'the details' }),
    );
    const button = wrapper.find('button');
    expect(button.attributes('aria-haspopup')).toBe('dialog');
    await button.trigger('click');
    await flushPromises();
    expect(document.body.textContent).toContain('the details');
    expect(button.attributes('aria-expanded')).toBe('true');
  });

  it('is the trigger of a menu', async () => {
    const wrapper = await show(() => h(DropdownMenu, { items: [{ label: 'Rename', run: vi.fn() }] }, make)); // prettier-ignore
    expect(wrapper.find('button').attributes('aria-haspopup')).toBe('menu');
  });
});

describe('a button that cannot be pressed', () => {
  it('takes the focus, says why, and does nothing', async () => {
    const click = vi.fn();
    const wrapper = await show(() =>
      h(Button, { disabledReason: 'Choose a dataset first.', onClick: click }, () => 'Start'),
    );
    const button = wrapper.find('button');
    await button.trigger('click');
    expect(click).not.toHaveBeenCalled();
    expect(button.attributes('disabled')).toBeUndefined();
    (button.element as HTMLButtonElement).focus();
    expect(document.activeElement).toBe(button.element);
    expect(button.attributes('aria-description')).toBe('Choose a dataset first.');
    expect(button.attributes('data-tip')).toBe('Choose a dataset first.');
  });
});

describe('Select', () => {
  it('gives its trigger the classes, and the id that a label points to', async () => {
    const options = [{ value: 'a', label: 'One' }];
    const wrapper = await show(() =>
      h(Select, { id: 'first', class: 'wide', options, modelValue: 'a' }),
    );
    expect(wrapper.find('button#first.wide').text()).toBe('One');
  });

  it('is reached by the scoped styles of the component that uses it', async () => {
    const user = defineComponent({
      setup: () => () => h(Select, { options: [], modelValue: null, class: 'mine' }),
    });
    mounted = await mountScreen(Object.assign(user, { __scopeId: 'data-v-user' }));
    expect(mounted.wrapper.find('.mine').attributes()).toHaveProperty('data-v-user');
  });
});
