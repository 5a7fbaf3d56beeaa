import type { DOMWrapper, VueWrapper } from '@vue/test-utils';

/** The button with this text or this name for screen readers. @throws when there is none */
export function buttonOf(wrapper: VueWrapper, name: string): DOMWrapper<HTMLButtonElement> {
  const found = wrapper
    .findAll('button')
    .find((one) => one.text() === name || one.attributes('aria-label') === name);
  if (!found) throw new Error(`There is no button “${name}” on the screen.`);
  return found;
}
