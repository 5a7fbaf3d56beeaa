/** A component of the window in a test: with stores, messages, routes and an engine on invented data. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { defineComponent, h, type Component } from 'vue';
import { createMemoryHistory, type Router } from 'vue-router';
import { apiKey } from '../../../src/renderer/app/api.ts';
import { hostKey } from '../../../src/renderer/app/host.ts';
import { createWindowRouter } from '../../../src/renderer/app/router.ts';
import { useEngine } from '../../../src/renderer/app/stores/engine.ts';
import { createFake, type Fake, type FakeOptions } from '../../../src/renderer/dev/fake/index.ts';
import { createMessages } from '../../../src/renderer/messages/i18n.ts';

export interface Mounted extends Fake {
  readonly wrapper: VueWrapper;
  readonly router: Router;
}

/**
 * Mounts it where the address says, with the engine known and its first answers in.
 * @param props of the component
 */
export async function mountScreen(
  component: Component,
  options: Partial<FakeOptions> & {
    readonly path?: string;
    readonly props?: Readonly<Record<string, unknown>>;
    readonly slots?: Readonly<Record<string, () => unknown>>;
    readonly language?: 'en' | 'zh-CN';
  } = {},
): Promise<Mounted> {
  const { path = '/', props = {}, slots = {}, language = 'en', ...given } = options;
  const fake = createFake({ images: 12, ...given });
  const router = createWindowRouter({ history: createMemoryHistory() });
  await router.push(path);
  const root = defineComponent({
    setup() {
      void useEngine().refresh();
      return () => h(component, props, slots);
    },
  });
  const wrapper = mount(root, {
    attachTo: document.body,
    global: {
      plugins: [createPinia(), createMessages(language), router],
      provide: { [apiKey as symbol]: fake.api, [hostKey as symbol]: fake.host },
    },
  });
  await flushPromises();
  return { ...fake, wrapper, router };
}
