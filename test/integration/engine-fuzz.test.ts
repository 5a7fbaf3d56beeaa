/**
 * Every method of the contract with input that no window of ours would send. A window may be taken over by what it
 * shows, so the engine must hold: no crash, no call without an answer, nothing written outside the workspace.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostContract, windowContract } from '../../src/contract/methods.ts';
import type { Method } from '../../src/contract/method.ts';
import { startEngine, type Engine } from '../../src/engine/engine.ts';
import { inMemoryPair } from '../../src/rpc/transports/in-memory.ts';
import type { Transport } from '../../src/rpc/transport.ts';
import { architectureOf } from '../../src/core/model/architecture.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { reply, type Reply } from '../../src/rpc/wire.ts';
import { optionsFor, registerNoise } from '../support/engine.ts';
import { temporaryFolder } from '../support/image-folders.ts';

// The same inputs in every run, so that what is new in a change decides, not the draw. FUZZ_SEED=$RANDOM looks further.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20261125) });

const LONG = 'x'.repeat(10_000_000);
const nasty: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  NaN,
  Infinity,
  Number.MAX_SAFE_INTEGER,
  10n ** 30n,
  '',
  '..',
  '../../../etc/passwd',
  '/etc/passwd',
  'C:\\Windows\\system32',
  '%2e%2e%2f',
  'a\0b',
  "'; DROP TABLE runs; --",
  '\u202e\ud800',
  LONG,
  [],
  [[]],
  {},
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  new Uint32Array([4294967295]),
  new Float64Array([NaN]),
  new Uint8Array(0),
  new Map([[1, 2]]),
  new Date(NaN),
];

/** The rest of a second is not waited for: jobs that go on are cancelled, and must answer that too. */
const PATIENCE_MS = 400;

let engine: Engine;
let outside: string;
let client: {
  ask: (method: string, params: unknown) => Promise<Reply & { type: 'result' | 'error' }>;
};
/** Ids that exist: a dataset, a run, a model. */
let ids: readonly string[] = [];

function asker(transport: Transport) {
  const waiting = new Map<number, (answer: Reply & { type: 'result' | 'error' }) => void>();
  let next = 0;
  transport.onMessage((raw) => {
    const message = reply.parse(raw);
    if (message.type === 'event') return;
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  return {
    ask: (method: string, params: unknown) => {
      const id = next++;
      return new Promise<Reply & { type: 'result' | 'error' }>((resolve) => {
        const timer = setTimeout(() => transport.send({ type: 'cancel', id }), PATIENCE_MS);
        waiting.set(id, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        transport.send({ type: 'call', id, method, params });
      });
    },
  };
}

beforeAll(async () => {
  const root = temporaryFolder();
  outside = path.join(root, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'keep.txt'), 'as it was');
  engine = startEngine(optionsFor(path.join(root, 'workspace')));
  const [here, there] = inMemoryPair();
  engine.attachHost(there);
  client = asker(here);
  const datasetId = await registerNoise(engine, 4);
  const [run] = engine.context.queue.add([
    {
      kind: 'pretrain',
      datasetId,
      parentId: null,
      name: 'Noise',
      preset: 'quick',
      architecture: architectureOf('wrn-10-1', { classes: 3, inputSize: 8 }),
      decode: { size: 8, resize: 'stretch' },
      config: { ...PRESETS.quick.pretrain, epochs: 1, batchSize: 4 },
    },
  ]);
  const end = await engine.context.queue.watch(run!.id, () => undefined, new AbortController().signal); // prettier-ignore
  ids = [datasetId, end.id, end.modelId!];
});

afterAll(async () => {
  await engine.shutdown();
});

/** A value of the schema's shape, now and then spoilt in one place. */
function shaped(schema: z.ZodType): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return fromJsonSchema(json);
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const words = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      '..',
      'd-20260101-0000000',
      'm-20260101-0000000',
      'r-20260101-0000000',
      'energy',
    ),
    // Mapped, because they are made after this description.
    fc.nat().map((i) => ids[i % ids.length]!),
    fc.string({ maxLength: 40 }),
  );

function fromJsonSchema(schema: JsonSchema): fc.Arbitrary<unknown> {
  const spoilt = fc.constantFrom(...nasty.filter((value) => value !== LONG));
  return fc.oneof({ weight: 30, arbitrary: fitting(schema) }, { weight: 1, arbitrary: spoilt });
}

function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return fc.oneof(...union.map(fromJsonSchema));
  switch (schema.type) {
    case 'object': {
      const properties = schema.properties ?? {};
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, fromJsonSchema(part)])), // prettier-ignore
        { requiredKeys: [...(schema.required ?? [])] },
      );
    }
    case 'array':
      return fc.array(fromJsonSchema(schema.items ?? {}), { maxLength: 3 });
    case 'string':
      return words();
    case 'integer':
      return fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer());
    case 'number':
      return fc.oneof(fc.double({ min: 0, max: 1 }), fc.double());
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      // What JSON has no word for: columns.
      return fc.uint32Array({ max: 20, maxLength: 4 });
  }
}

/** They end the engine, take minutes, or look at the machine: they have tests of their own. */
const APART = new Set(['engine.shutdown', 'doctor.run', 'doctor.tune', 'sample.create']);
const methods = Object.entries(hostContract as Record<string, Method>);

const answered = async (method: string, params: unknown): Promise<void> => {
  const answer = await client.ask(method, params);
  if (answer.type === 'result') {
    const { result } = (hostContract as Record<string, Method>)[method]!;
    const checked = result.safeParse(answer.result);
    expect(checked.error, `${method}: the result violates the contract`).toBeUndefined();
  } else {
    expect(answer.error.message).not.toBe('');
    expect(answer.error.message.length, 'as long as its input').toBeLessThan(10_000);
    // An internal error is a fault of ours.
    expect(answer.error.code, `${method}: ${answer.error.message}`).not.toBe('internal');
  }
};

describe.each(methods.filter(([name]) => !APART.has(name)))('%s', (name, method) => {
  it('answers values that are no params', async () => {
    for (const params of nasty) await answered(name, params);
  });

  it('answers params with one property that is wrong', async () => {
    const { properties = {} } = z.toJSONSchema(method.params, { io: 'input', unrepresentable: 'any' }) as JsonSchema; // prettier-ignore
    const valid = fc.sample(fitting({ type: 'object', properties, required: Object.keys(properties) }), 1)[0]; // prettier-ignore
    for (const key of [...Object.keys(properties), '__proto__', 'extra'])
      for (const value of nasty) {
        const params = { ...(valid as object) };
        Object.defineProperty(params, key, { value, enumerable: true });
        await answered(name, params);
      }
  });

  it('answers params that have the right shape', async () => {
    await fc.assert(
      fc.asyncProperty(shaped(method.params), (params) => answered(name, params)),
      { numRuns: 25 },
    );
  });
});

describe('afterwards', () => {
  it('no object has been given properties', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('nothing beside the workspace was written or changed', () => {
    expect(readdirSync(path.dirname(outside)).sort()).toEqual(['outside', 'workspace']);
    expect(readdirSync(outside)).toEqual(['keep.txt']);
    expect(readFileSync(path.join(outside, 'keep.txt'), 'utf8')).toBe('as it was');
    expect(existsSync('/etc/passwd.png')).toBe(false);
  });

  it('the engine still works', async () => {
    expect((await client.ask('app.info', {})).type).toBe('result');
    expect((await client.ask('datasets.list', {})).type).toBe('result');
  });
});

describe('a window', () => {
  it('cannot call what only the host may', async () => {
    const [here, there] = inMemoryPair();
    engine.attachWindow(there);
    const window = asker(here);
    const hostOnly = Object.keys(hostContract).filter((name) => !(name in windowContract));
    expect(hostOnly).not.toEqual([]);
    for (const name of hostOnly)
      expect(await window.ask(name, { path: '/' })).toMatchObject({
        type: 'error',
        error: { code: 'invalid-request' },
      });
  });
});
