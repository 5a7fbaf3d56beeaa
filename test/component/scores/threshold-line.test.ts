import { mount } from '@vue/test-utils';
import { expect, it } from 'vitest';
import ThresholdLine from '../../../src/renderer/features/scores/ThresholdLine.vue';
import { createMessages } from '../../../src/renderer/messages/i18n.ts';

const mountLine = () =>
  mount(ThresholdLine, {
    props: {
      range: [-10, 10] as const,
      width: 800,
      rejects: 'right' as const,
      label: 'Threshold',
      modelValue: 0,
    },
    global: { plugins: [createMessages('en')] },
  });

it('moves by keys: one step is a 200th of the range, a page ten of them, never beyond the ends', async () => {
  const wrapper = mountLine();
  const slider = wrapper.get('[role="slider"]');
  const last = (): unknown => wrapper.emitted('update:modelValue')!.at(-1)![0];
  await slider.trigger('keydown', { key: 'ArrowRight' });
  expect(last()).toBeCloseTo(0.1, 12);
  await slider.trigger('keydown', { key: 'PageDown' });
  // 0.1 and ten steps of 0.1 down.
  expect(last()).toBeCloseTo(-0.9, 12);
  await slider.trigger('keydown', { key: 'End' });
  expect(last()).toBe(10);
  await wrapper.setProps({ modelValue: 10 });
  await slider.trigger('keydown', { key: 'ArrowUp' });
  expect(last()).toBe(10);
});

it('says its value to screen readers and hatches the side it rejects', async () => {
  const wrapper = mountLine();
  expect(wrapper.get('[role="slider"]').attributes()).toMatchObject({
    'aria-label': 'Threshold',
    'aria-valuenow': '0',
    'aria-valuetext': 'Threshold 0.00',
  });
  expect(wrapper.get('.tail').attributes('style')).toContain('right');
  await wrapper.setProps({ rejects: 'left' });
  expect(wrapper.get('.tail').attributes('style')).toContain('width');
});
