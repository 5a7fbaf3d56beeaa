import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/contract/exposed-api.ts';
import { hostApiMethods, type HostApiMethods } from '../../../src/contract/host-methods.ts';
import { AppError } from '../../../src/core/errors.ts';
import { handle, isOurPage, PAGE_URL, type InvokeEvent } from '../../../src/main/ipc.ts';

type Listener = (event: InvokeEvent, ...args: unknown[]) => unknown;

/** Stands for Electron's `ipcMain`: keeps the listeners, so that a test can call them as a frame would. */
class FakeTarget {
  readonly listeners = new Map<string, Listener>();
  handle(channel: string, listener: Listener): void {
    this.listeners.set(channel, listener);
  }
  ask(channel: string, event: InvokeEvent, ...args: unknown[]): Promise<Outcome<unknown>> {
    return Promise.resolve(this.listeners.get(channel)!(event, ...args) as Outcome<unknown>);
  }
}

const fromPage: InvokeEvent = { senderFrame: { url: PAGE_URL, parent: null } };

function target(work: (method: string, params: unknown) => unknown = () => 'done') {
  const fake = new FakeTarget();
  for (const method of Object.keys(hostApiMethods) as (keyof HostApiMethods)[])
    handle(fake, method, hostApiMethods[method].params, (params) => work(method, params));
  return fake;
}

// Any frame that comes to be in the window can send messages to main. Only our own page's main frame is a person at work.
describe('the sender', () => {
  it.each([
    'straylight://app.evil/index.html',
    'straylight://evil/index.html',
    'straylight://app@evil/index.html',
    'straylight://user@app/index.html',
    'straylight://app:1/index.html',
    'https://app/index.html',
    'http://straylight/app/index.html',
    'file:///index.html',
    'about:blank',
    'data:text/html,straylight://app/',
    'blob:straylight://app/1',
    'javascript:straylight://app/',
    '',
  ])('%j is refused', async (url) => {
    expect(isOurPage(url)).toBe(false);
    let ran = false;
    const fake = target(() => (ran = true));
    const outcome = await fake.ask('host.info', { senderFrame: { url, parent: null } }, {});
    expect(outcome).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    expect(ran).toBe(false);
  });

  it('a frame within our page is refused, and one that is gone', async () => {
    const inner: InvokeEvent = { senderFrame: { url: PAGE_URL, parent: { url: PAGE_URL } } };
    for (const event of [inner, { senderFrame: null }])
      expect(await target().ask('host.info', event, {})).toMatchObject({
        ok: false,
        error: { code: 'forbidden' },
      });
  });

  it('our page, wherever its router is, is answered', async () => {
    const event: InvokeEvent = { senderFrame: { url: `${PAGE_URL}#/datasets`, parent: null } };
    expect(await target().ask('host.info', event, {})).toEqual({ ok: true, value: 'done' });
  });
});

// Whatever a script in the page sends, main goes on and nothing but well-formed parameters reaches the work.
describe('the parameters', () => {
  const hostile = fc.oneof(
    fc.anything({ withNullPrototype: true, withTypedArray: true, withBigInt: true, withDate: true }),
    fc.constant(JSON.parse('{"__proto__": {"url": "https://arxiv.org/abs/2010.03759"}}')),
    fc.constant({ url: 'x'.repeat(10_000_000) }),
    fc.constant({ paths: ['x'.repeat(10_000_000)] }),
    fc.constant({ theme: Number.NaN, threads: Number.NaN, gridCell: -1 }),
    fc.constant({ constructor: { prototype: {} } }),
  ); // prettier-ignore

  it.each(Object.keys(hostApiMethods) as (keyof HostApiMethods)[])(
    '%s: anything else is answered with invalid-request',
    async (method) => {
      const reached: unknown[] = [];
      const fake = target((_method, params) => reached.push(params));
      await fc.assert(
        fc.asyncProperty(hostile, async (params) => {
          reached.length = 0;
          const outcome = await fake.ask(method, fromPage, params);
          if (outcome.ok)
            for (const given of reached)
              expect(hostApiMethods[method].params.safeParse(given).success).toBe(true);
          else {
            expect(outcome.error.code).toBe('invalid-request');
            expect(outcome.error.message.length).toBeLessThan(2000);
            expect(reached).toEqual([]);
          }
        }),
        { numRuns: 200 },
      );
      expect(({} as Record<string, unknown>)['url']).toBeUndefined();
    },
  );

  it('more than one is refused', async () => {
    expect(await target().ask('host.info', fromPage, {}, {})).toMatchObject({
      ok: false,
      error: { code: 'invalid-request' },
    });
  });
});

describe('the outcome', () => {
  it('what goes wrong is an answer with its code, and no stack', async () => {
    const fake = target(() => {
      throw new AppError('no-space', 'chart.png: the disk is full. Free some space.');
    });
    expect(await fake.ask('host.info', fromPage, {})).toEqual({
      ok: false,
      error: { code: 'no-space', message: 'chart.png: the disk is full. Free some space.' },
    });
  });
});
