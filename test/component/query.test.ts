import { flushPromises } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { defineComponent, h, ref } from 'vue';
import { useQuery, type Query } from '../../src/renderer/app/query.ts';
import { useJobs } from '../../src/renderer/app/stores/jobs.ts';
import { engineGone } from '../../src/rpc/errors.ts';
import { mountScreen, type Mounted } from './support/mount-screen.ts';

let mounted: Mounted | null = null;
afterEach(() => mounted?.wrapper.unmount());

/** A component that asks, and the promises it was given, to be answered in any order. */
async function asking(options: { after?: ['scan'] } = {}) {
  const which = ref('a');
  const asked: { which: string; answer: (value: string) => void; fail: (error: Error) => void }[] = []; // prettier-ignore
  let query!: Query<string>;
  const component = defineComponent({
    setup() {
      useJobs();
      query = useQuery(() => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        asked.push({ which: which.value, answer: resolve, fail: reject });
        return promise;
      }, options);
      return () => h('p', query.data.value ?? '');
    },
  });
  mounted = await mountScreen(component);
  return { which, asked, query, mounted };
}

describe('what a screen asks the engine for', () => {
  it('is asked again when what it depends on changes, and the newest answer wins', async () => {
    const { which, asked, query } = await asking();
    which.value = 'b';
    expect(asked.map((one) => one.which)).toEqual(['a', 'b']);
    asked[1]!.answer('about b');
    await flushPromises();
    asked[0]!.answer('about a, late');
    await flushPromises();
    expect(query.data.value).toBe('about b');
    expect(query.loading.value).toBe(false);
  });

  it('keeps the last answer while a newer one is on its way', async () => {
    const { asked, query } = await asking();
    asked[0]!.answer('first');
    await flushPromises();
    void query.reload();
    expect(query.data.value).toBe('first');
    expect(query.loading.value).toBe(true);
  });

  it('tells why it failed, until it succeeds', async () => {
    const { asked, query } = await asking();
    asked[0]!.fail(Object.assign(new Error('Dataset x: not there.'), { code: 'not-found' }));
    await flushPromises();
    expect(query.error.value).toEqual({ code: 'not-found', message: 'Dataset x: not there.' });
    void query.reload();
    asked[1]!.answer('there');
    await flushPromises();
    expect(query.error.value).toBeNull();
  });

  it('leaves an engine that stopped to the banner, and asks again when it is back', async () => {
    const { asked, query, mounted } = await asking();
    asked[0]!.fail(engineGone());
    await flushPromises();
    expect(query.error.value).toBeNull();
    mounted.setEngine({ state: 'gone', error: { code: 'engine-gone', message: '' }, restarting: true }); // prettier-ignore
    mounted.setEngine({ state: 'running' });
    await flushPromises();
    expect(asked).toHaveLength(2);
  });

  it('is asked again when a job of a kind that changes it ends', async () => {
    const { asked, mounted } = await asking({ after: ['scan'] });
    await mounted.api.job('datasets.register', { grantId: 'grant-new' });
    await flushPromises();
    expect(asked).toHaveLength(2);
    await mounted.api.job('doctor.run', {});
    await flushPromises();
    expect(asked).toHaveLength(2);
  });
});
