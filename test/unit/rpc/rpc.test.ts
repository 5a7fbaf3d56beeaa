import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, job, nothing } from '../../../src/contract/method.ts';
import { createClient } from '../../../src/rpc/client.ts';
import { RemoteError } from '../../../src/rpc/errors.ts';
import { serve, type Handlers } from '../../../src/rpc/server.ts';
import { inMemoryPair } from '../../../src/rpc/transports/in-memory.ts';

const contract = {
  add: call(z.strictObject({ a: z.number(), b: z.number().default(1) }), z.number()),
  wait: call(z.strictObject({ name: z.string() }), z.string()),
  fail: call(nothing, z.null()),
  lie: call(nothing, z.number()),
  uncarried: call(nothing, z.unknown()),
  columns: call(z.strictObject({ n: z.int() }), z.instanceof(Float64Array)),
  count: job(z.strictObject({ to: z.int() }), z.number(), z.string()),
  forever: job(nothing, z.string(), z.string()),
};

class Teapot extends Error {
  override readonly name = 'AppError';
  readonly code = 'no-space';
  readonly details = { freeBytes: 12, keep: undefined };
}

function setUp(overrides: Partial<Handlers<typeof contract>> = {}) {
  const [here, there] = inMemoryPair();
  const waiting = new Map<string, (text: string) => void>();
  const stopped: unknown[] = [];
  const handlers: Handlers<typeof contract> = {
    add: ({ a, b }) => a + b,
    wait: ({ name }) => new Promise((resolve) => waiting.set(name, resolve)),
    fail: () => {
      throw new Teapot('The disk is full.');
    },
    lie: () => 'seven' as unknown as number,
    uncarried: () => () => 1,
    columns: ({ n }) => Float64Array.from({ length: n }, (_, i) => i),
    count: ({ to }, { emit }) => {
      for (let i = 1; i <= to; i++) emit(i);
      return Promise.resolve('counted');
    },
    forever: (_params, { signal, emit }) =>
      new Promise((_resolve, reject) => {
        emit('started');
        signal.addEventListener('abort', () => {
          stopped.push(signal.reason);
          reject(new RemoteError('cancelled', 'Cancelled after 3 of 9.', { details: { done: 3 } }));
        });
      }),
    ...overrides,
  };
  const server = serve(contract, handlers, there);
  return { client: createClient(contract, here), server, here, there, waiting, stopped };
}

const caught = (promise: Promise<unknown>): Promise<RemoteError> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as RemoteError,
  );

describe('calls', () => {
  it('fills defaults in on the serving end', async () => {
    expect(await setUp().client.call('add', { a: 2 })).toBe(3);
  });

  it('answers two calls of one method that run at once, each with its own result', async () => {
    const { client, waiting } = setUp();
    const first = client.call('wait', { name: 'first' });
    const second = client.call('wait', { name: 'second' });
    await expect.poll(() => waiting.size).toBe(2);
    waiting.get('second')!('two');
    waiting.get('first')!('one');
    expect(await Promise.all([first, second])).toEqual(['one', 'two']);
  });

  it('carries columns of 16 MB', async () => {
    const n = 2 * 1024 * 1024;
    const column = await setUp().client.call('columns', { n });
    expect(column.byteLength).toBe(16 * 1024 * 1024);
    expect(column[n - 1]).toBe(n - 1);
  });

  it('brings an error over with code, message, name, stack and details', async () => {
    const error = await caught(setUp().client.call('fail', {}));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: 'no-space',
      message: 'The disk is full.',
      name: 'AppError',
      details: { freeBytes: 12 },
    });
    expect(error.stack).toContain('rpc.test.ts');
  });

  it.each([
    [{ a: 'two' }, 'a:'],
    [{}, 'a:'],
    [{ a: 1, extra: true }, 'Unrecognized key: "extra"'],
    [null, ''],
  ])('refuses wrong params %j before the handler sees them', async (params, named) => {
    let seen = 0;
    const { client } = setUp({ add: () => seen++ });
    const error = await caught(client.call('add', params as never));
    expect(error.code).toBe('invalid-request');
    expect(error.message).toContain(`add: ${named}`);
    expect(seen).toBe(0);
  });

  it('refuses a method that neither end knows', async () => {
    const error = await caught(setUp().client.call('nope' as 'add', { a: 1 }));
    expect(error.code).toBe('invalid-request');
  });

  it.each(['nope', '__proto__', 'constructor', 'toString'])(
    'refuses the method %s on the serving end',
    async (method) => {
      const [here, there] = inMemoryPair();
      serve(contract, {} as Handlers<typeof contract>, there);
      const answer = new Promise((resolve) => here.onMessage(resolve));
      here.send({ type: 'call', id: 0, method, params: {} });
      expect(await answer).toMatchObject({
        type: 'error',
        id: 0,
        error: { code: 'invalid-request' },
      });
    },
  );

  it('rejects a result that violates the contract', async () => {
    const error = await caught(setUp().client.call('lie', {}));
    expect(error.code).toBe('internal');
    expect(error.message).toContain('lie');
  });

  it('rejects a result that cannot be carried, and serves on', async () => {
    const { client } = setUp();
    expect((await caught(client.call('uncarried', {}))).code).toBe('internal');
    expect(await client.call('add', { a: 1 })).toBe(2);
  });
});

describe('jobs', () => {
  it('tells all events, in order, before the result', async () => {
    const told: number[] = [];
    const result = await setUp().client.job(
      'count',
      { to: 5 },
      { onEvent: (event) => told.push(event) },
    );
    expect(result).toBe('counted');
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not start when cancelled before', async () => {
    let started = false;
    const { client } = setUp({ forever: () => Promise.resolve(String((started = true))) });
    const error = await caught(client.job('forever', {}, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('cancelled');
    expect(await client.call('add', { a: 1 })).toBe(2);
    expect(started).toBe(false);
  });

  it('is cancelled in the middle, alone, and answers with how far it came', async () => {
    const { client, stopped, waiting } = setUp();
    const abort = new AbortController();
    const other = client.call('wait', { name: 'other' });
    const error = await caught(
      client.job('forever', {}, { signal: abort.signal, onEvent: () => abort.abort() }),
    );
    expect(error).toMatchObject({ code: 'cancelled', details: { done: 3 } });
    expect(stopped).toEqual(['cancelled']);
    waiting.get('other')!('still here');
    expect(await other).toBe('still here');
  });

  it('drops an event that violates the contract, and counts it', async () => {
    const { client } = setUp({
      count: (_params, { emit }) => {
        emit('two' as unknown as number);
        return Promise.resolve('counted');
      },
    });
    const told: number[] = [];
    await client.job('count', { to: 1 }, { onEvent: (event) => told.push(event) });
    expect(told).toEqual([]);
    expect(client.dropped).toBe(1);
  });
});

describe('the end of the connection', () => {
  it('rejects every pending and later call with engine-gone', async () => {
    const { client, there } = setUp();
    const pending = [client.call('wait', { name: 'a' }), client.job('forever', {})];
    const settled = Promise.all(pending.map(caught));
    there.close();
    for (const error of await settled) expect(error.code).toBe('engine-gone');
    expect((await caught(client.call('add', { a: 1 }))).code).toBe('engine-gone');
  });

  it('tells handlers that it closed, which is not the same as cancelled', async () => {
    const { client, here, stopped } = setUp();
    const gone = new Promise<unknown>((resolve) => {
      void caught(client.job('forever', {}, { onEvent: () => here.close() })).then(resolve);
    });
    expect(await gone).toMatchObject({ code: 'engine-gone' });
    await expect.poll(() => stopped).toEqual(['closed']);
  });
});

describe('messages that are none', () => {
  it.each([
    undefined,
    null,
    7,
    'call',
    [],
    {},
    { type: 'call' },
    { type: 'call', id: -1, method: 'add', params: {} },
    { type: 'call', id: 1.5, method: 'add' },
    { type: 'shout', id: 98 },
    { type: 'cancel', id: 99 },
    { type: 'cancel', id: '0' },
  ])('does not disturb the serving end: %j', async (message) => {
    const { client, here } = setUp();
    here.send(message);
    expect(await client.call('add', { a: 1 })).toBe(2);
  });

  it('answers one that has an id, and counts it', async () => {
    const [here, there] = inMemoryPair();
    const server = serve({}, {}, there);
    const answer = new Promise((resolve) => here.onMessage(resolve));
    here.send({ type: 'shout', id: 4 });
    expect(await answer).toMatchObject({
      type: 'error',
      id: 4,
      error: { code: 'invalid-request' },
    });
    expect(server.dropped).toBe(1);
  });

  it.each([
    null,
    3,
    {},
    { type: 'result', id: 77, result: 1 },
    { type: 'error', id: 0, error: {} },
  ])('does not disturb the calling end: %j', async (message) => {
    const { client, there } = setUp();
    there.send(message);
    expect(await client.call('add', { a: 1 })).toBe(2);
    expect(client.dropped).toBe(1);
  });
});
