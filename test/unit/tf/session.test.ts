import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { architectureOf } from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { NativeSession } from '../../../src/core/tf/native/native-session.ts';
import type { NativeRuntime } from '../../../src/core/tf/native/native-runtime.ts';
import type { Runtime, SessionSpec } from '../../../src/core/tf/runtime.ts';
import type { Session, StepResult } from '../../../src/core/tf/session.ts';
import { crossEntropy } from '../../../src/core/train/objectives/cross-entropy.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { bitsOf, randomPixels, tinyBatch, tinyNetwork, tinySpec } from '../../support/sessions.ts';

/** Both ways to call TensorFlow, each skipped by name where it is not set up. */
const BINDINGS = (['addon', 'koffi'] as const).map((kind) => {
  const native = nativeRuntime(kind);
  return {
    kind,
    missing: 'missing' in native,
    name: 'missing' in native ? `${kind} (skipped: ${native.missing})` : kind,
    runtime: (): NativeRuntime => {
      if ('missing' in native) throw new Error(native.missing);
      return native.runtime;
    },
  };
});

async function threeSteps(session: Session): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (let step = 0; step < 3; step++) results.push(await session.trainStep(tinyBatch(step)));
  return results;
}

/** Everything a session has learned, bit by bit. */
const stateOf = (session: Session) => ({
  weights: bitsOf(session.readWeights()),
  velocities: bitsOf(session.readVelocities()),
});

/** Runs three steps on a session of its own and frees it. */
async function trained(session: Session) {
  const results = await threeSteps(session);
  const state = stateOf(session);
  session.dispose();
  return { results, ...state };
}

describe.each(BINDINGS)('TensorFlow sessions through $name', ({ missing, runtime: nativeOnly }) => {
  const it_ = it.skipIf(missing);

  it_.each([0, 0.3])(
    'traced functions and single ops agree bit by bit after 3 steps, dropout %f',
    async (dropout) => {
      const { binding, opDefs } = nativeOnly();
      const spec = tinySpec({ dropout });
      const traced = await trained(new NativeSession(binding, opDefs, spec, 'traced'));
      const eager = await trained(new NativeSession(binding, opDefs, spec, 'eager'));
      expect(traced).toEqual(eager);
      expect(traced.weights).not.toEqual(bitsOf(spec.weights));
    },
  );

  it_('the same seed gives the same bits, another dropout seed does not', async () => {
    const spec = tinySpec({ dropout: 0.3 });
    const first = await trained(nativeOnly().createSession(spec));
    const second = await trained(nativeOnly().createSession(spec));
    expect(second).toEqual(first);
    const session = nativeOnly().createSession(spec);
    const other = await session.trainStep(tinyBatch(0, { dropoutSeed: [12346, 0] }));
    session.dispose();
    expect(other.loss).not.toBe(first.results[0]!.loss);
  });

  it_('two sessions that train at once do not touch each other', async () => {
    const specs = [tinySpec({ seed: 1 }), tinySpec({ seed: 2 })];
    const alone = [];
    for (const spec of specs) alone.push(await trained(nativeOnly().createSession(spec)));
    const together = await Promise.all(
      specs.map((spec) => trained(nativeOnly().createSession(spec))),
    );
    expect(together).toEqual(alone);
  });

  it_('agrees with the wasm tier after 3 steps', async () => {
    const spec = tinySpec();
    const a = nativeOnly().createSession(spec);
    const b = (await wasmRuntime()).createSession(spec);
    const [expected, actual] = [await threeSteps(a), await threeSteps(b)];
    for (const [i, { loss, correct }] of actual.entries()) {
      expect(Math.abs(loss / expected[i]!.loss - 1)).toBeLessThan(1e-4);
      expect(correct).toBe(expected[i]!.correct);
    }
    const weights = a.readWeights();
    for (const [name, { data }] of b.readWeights())
      expect(relativeError(data, weights.get(name)!.data), name).toBeLessThan(1e-4);
    const velocities = a.readVelocities();
    for (const [name, { data }] of b.readVelocities())
      expect(relativeError(data, velocities.get(name)!.data), name).toBeLessThan(1e-3);
    const pixels = randomPixels(3);
    const [x, y] = [await a.forward(pixels, 3), await b.forward(pixels, 3)];
    expect(relativeError(y.logits, x.logits)).toBeLessThan(1e-4);
    expect(relativeError(y.features, x.features)).toBeLessThan(1e-4);
    a.dispose();
    b.dispose();
  });

  it_('dispose may come while a step is still running', async () => {
    const session = nativeOnly().createSession(tinySpec());
    const running = session.trainStep(tinyBatch(0));
    session.dispose();
    // Either outcome will do: the process must live and say what happened.
    const outcome = await running.then(
      ({ loss }) => Number.isFinite(loss),
      (error: unknown) => error instanceof Error,
    );
    expect(outcome).toBe(true);
  });
});

describe('the addon and koffi', () => {
  const [addon, koffi] = BINDINGS as [(typeof BINDINGS)[0], (typeof BINDINGS)[0]];
  it.skipIf(addon.missing || koffi.missing)(
    `${addon.name} and ${koffi.name} agree bit by bit, in training, scores and gradients`,
    async () => {
      const run = async ({ runtime }: (typeof BINDINGS)[0]) => {
        const session = runtime().createSession(tinySpec({ dropout: 0.3 }));
        const results = await threeSteps(session);
        const pixels = randomPixels(5);
        const scores = [
          await session.forward(pixels, 5),
          await session.forward(pixels, 5, { featureLimit: 0.5 }),
          await session.forwardPerturbed(pixels, 5, { temperature: 10, epsilon: 0.01 }),
          await session.inputGradient(pixels, 5, { score: 'energy', temperature: 1 }),
        ];
        const state = stateOf(session);
        session.dispose();
        return { results, scores, ...state };
      };
      expect(await run(koffi)).toEqual(await run(addon));
    },
  );
});

const tiers: {
  readonly name: string;
  readonly missing: boolean;
  readonly load: () => Promise<Runtime>;
}[] = [
  { name: 'wasm', missing: false, load: wasmRuntime },
  ...BINDINGS.map(({ name, missing, runtime }) => ({
    name: `TensorFlow through ${name}`,
    missing,
    load: () => Promise.resolve<Runtime>(runtime()),
  })),
];

describe.each(tiers)('a session on $name', ({ missing, load }) => {
  const it_ = it.skipIf(missing);
  let runtime: Runtime;
  beforeAll(async () => {
    if (missing) return;
    runtime = await load();
  });

  it_('does not change arrays that were read before', async () => {
    const session = runtime.createSession(tinySpec());
    await session.trainStep(tinyBatch(0));
    const [weights, velocities] = [session.readWeights(), session.readVelocities()];
    expect(bitsOf(await session.readPaced('weights'))).toEqual(bitsOf(weights));
    expect(bitsOf(await session.readPaced('velocities'))).toEqual(bitsOf(velocities));
    const before = [bitsOf(weights), bitsOf(velocities)];
    await session.trainStep(tinyBatch(1));
    expect([bitsOf(weights), bitsOf(velocities)]).toEqual(before);
    expect(bitsOf(session.readWeights())).not.toEqual(before[0]);
    session.dispose();
  });

  it_('reads a batch before the call returns, so that its buffers can be used again', async () => {
    const [kept, overwritten] = [
      runtime.createSession(tinySpec()),
      runtime.createSession(tinySpec()),
    ];
    const expected = await kept.trainStep(tinyBatch(0));
    const batch = tinyBatch(0);
    const step = overwritten.trainStep(batch);
    batch.pixels.fill(0);
    expect((await step).loss).toBe(expected.loss);
    kept.dispose();
    overwritten.dispose();
  });

  it_('gives back what was written, velocities too', async () => {
    const trainedSession = runtime.createSession(tinySpec({ seed: 1 }));
    await threeSteps(trainedSession);
    const other = runtime.createSession(tinySpec({ seed: 2 }));
    other.writeWeights(trainedSession.readWeights());
    other.writeVelocities(trainedSession.readVelocities());
    expect(stateOf(other)).toEqual(stateOf(trainedSession));
    const [a, b] = [
      await trainedSession.trainStep(tinyBatch(3)),
      await other.trainStep(tinyBatch(3)),
    ];
    expect(b).toEqual(a);
    expect(stateOf(other)).toEqual(stateOf(trainedSession));
    trainedSession.dispose();
    other.dispose();
  });

  it_('answers the same for an image in any batch, however large', async () => {
    const session = runtime.createSession(tinySpec());
    const [classes, pixelBytes, count] = [4, 16 * 16 * 3, 290];
    const pixels = randomPixels(count);
    const forward = session.forward(pixels.slice(), count);
    const overwritten = pixels.slice();
    const again = session.forward(overwritten, count);
    overwritten.fill(0);
    const { logits, features } = await forward;
    expect((await again).logits).toEqual(logits);
    for (const image of [0, 127, 128, 255, 289]) {
      const alone = await session.forward(
        pixels.slice(image * pixelBytes, (image + 1) * pixelBytes),
        1,
      );
      const units = alone.features.length;
      const row = (all: Float32Array, width: number) =>
        all.slice(image * width, (image + 1) * width);
      expect(relativeError(row(logits, classes), alone.logits)).toBeLessThan(1e-5);
      expect(relativeError(row(features, units), alone.features)).toBeLessThan(1e-5);
    }
    session.dispose();
  });

  it_('trains on batches of different sizes', async () => {
    const session = runtime.createSession(tinySpec());
    for (const count of [6, 2, 5, 6]) {
      const { loss, correct } = await session.trainStep(tinyBatch(count, { count }));
      expect(loss).toBeGreaterThan(0);
      expect(correct).toBeLessThanOrEqual(count);
    }
    session.dispose();
  });

  it_('answers for each image alone as for many at once', async () => {
    const session = runtime.createSession(tinySpec());
    await threeSteps(session);
    const pixels = randomPixels(5);
    const all = await session.forward(pixels, 5);
    expect(all.logits.length).toBe(5 * 4);
    expect(all.features.length).toBe(5 * 64);
    for (let i = 0; i < 5; i++) {
      const one = await session.forward(pixels.subarray(i * 768, (i + 1) * 768), 1);
      expect(relativeError(one.logits, all.logits.subarray(i * 4, i * 4 + 4))).toBeLessThan(1e-5);
      expect(relativeError(one.features, all.features.subarray(i * 64, i * 64 + 64))).toBeLessThan(
        1e-5,
      );
    }
    session.dispose();
  });

  it_('does not change weights or statistics in a forward pass', async () => {
    const session = runtime.createSession(tinySpec({ dropout: 0.3 }));
    const before = stateOf(session);
    const first = await session.forward(randomPixels(4), 4);
    expect(await session.forward(randomPixels(4), 4)).toEqual(first);
    expect(stateOf(session)).toEqual(before);
    session.dispose();
  });

  it_('the sparsity step with λ = 0 is the cross-entropy step, bit by bit', async () => {
    const batches = [0, 1, 2].map((step) => tinyBatch(step, { scalars: { lambda: 0 } }));
    const states = [];
    for (const spec of [tinySpec(), tinySpec({}, { objective: crossEntropy })]) {
      const session = runtime.createSession(spec);
      const losses = [];
      for (const batch of batches) losses.push((await session.trainStep(batch)).loss);
      states.push({ losses, ...stateOf(session) });
      session.dispose();
    }
    expect(states[0]).toEqual(states[1]);
  });

  it_('reports the terms of the loss and their weighted sum', async () => {
    const session = runtime.createSession(tinySpec());
    const { loss, terms } = await session.trainStep(tinyBatch(0, { scalars: { lambda: 0.5 } }));
    expect(Object.keys(terms)).toEqual(['crossEntropy', 'l1']);
    expect(loss).toBeCloseTo(terms['crossEntropy']! + 0.5 * terms['l1']!, 10);
    expect(terms['l1']).toBeGreaterThan(0);
    session.dispose();
  });

  it_('keeps no tensor over 200 steps, and none after dispose', async () => {
    const before = runtime.liveTensors();
    const architecture = architectureOf('wrn-10-1', { classes: 2, inputSize: 8, dropout: 0.3 });
    const session = runtime.createSession(
      tinySpec({}, { architecture, weights: initialiseWeights(architecture, 1) }),
    );
    const batch = tinyBatch(0, {
      count: 2,
      pixels: randomPixels(2, 8),
      labels: Int32Array.of(0, 1),
    });
    await session.trainStep(batch);
    await session.forward(batch.pixels, 2);
    const settled = runtime.liveTensors();
    for (let step = 1; step <= 200; step++) {
      await session.trainStep({ ...batch, dropoutSeed: [1, step] });
      if (step % 20 === 0) {
        await session.forward(batch.pixels, 2);
        session.readWeights();
        session.readVelocities();
      }
    }
    expect(runtime.liveTensors()).toBe(settled);
    session.dispose();
    expect(runtime.liveTensors()).toBe(before);
  });

  describe('refuses', () => {
    const refusal = async (action: () => Promise<unknown>): Promise<AppError> => {
      const live = runtime.liveTensors();
      const error = await action().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AppError);
      expect(runtime.liveTensors(), 'tensors left behind').toBe(live);
      return error as AppError;
    };
    let session: Session;
    beforeAll(() => {
      if (!missing) session = runtime.createSession(tinySpec());
    });

    // A batch's pixels are bytes and its labels integers, so that neither can be NaN; everything else can.
    const batches: [string, Parameters<typeof tinyBatch>[1], string, RegExp][] = [
      ['pixels of another length', { pixels: randomPixels(5) }, 'invalid-data', /4608 bytes/],
      [
        'a label that is no class',
        { labels: Int32Array.of(0, 1, 2, 3, 4, 0) },
        'invalid-data',
        /Class id 4/,
      ],
      [
        'a negative label',
        { labels: Int32Array.of(0, 1, 2, 3, -1, 0) },
        'invalid-data',
        /Class id -1/,
      ],
      ['too few labels', { labels: Int32Array.of(0, 1) }, 'invalid-data', /6 images but 2 labels/],
      [
        'an empty batch',
        { count: 0, pixels: new Uint8Array(0), labels: new Int32Array(0) },
        'invalid-data',
        /at least one image/,
      ],
      ['half an image', { count: 1.5 }, 'invalid-data', /at least one image, not 1.5/],
      ['a batch of one', { count: 1 }, 'invalid-data', /at least 2 images/],
      [
        'a learning rate that is NaN',
        { learningRate: NaN },
        'usage',
        /learningRate must be a finite/,
      ],
      ['an infinite λ', { scalars: { lambda: Infinity } }, 'usage', /lambda must be a finite/],
      ['a dropout seed that is NaN', { dropoutSeed: [NaN, 1] }, 'usage', /dropout seed .*NaN,1/],
      ['a missing λ', { scalars: {} }, 'usage', /lambda must be a finite number, not undefined/],
    ];
    it_.each(batches)('%s', async (_, changes, code, message) => {
      const error = await refusal(() => session.trainStep(tinyBatch(0, changes)));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    });

    it_('a forward pass over pixels of another length, or over none', async () => {
      const wrong = await refusal(() => session.forward(randomPixels(2), 3));
      expect(wrong.message).toMatch(/3 images of 16x16x3 has 2304 bytes, but 1536/);
      await refusal(() => session.forward(new Uint8Array(0), 0));
    });

    it_('a feature mask or a feature limit that is NaN', async () => {
      const pixels = randomPixels(2);
      const featureMask = new Float32Array(64).fill(1);
      featureMask[7] = NaN;
      const mask = await refusal(() => session.forward(pixels, 2, { featureMask }));
      expect(mask.message).toMatch(/feature mask holds a value that is not a finite number/);
      await refusal(() => session.forward(pixels, 2, { featureLimit: NaN }));
    });

    const { normalisation, sgd } = tinySpec();
    const settings: [string, Partial<SessionSpec>, RegExp][] = [
      [
        'a standard deviation of 0',
        { normalisation: { ...normalisation, std: [0.2, 0, 0.3] } },
        /above 0, not .* std 0\.2, 0, 0\.3/,
      ],
      ['a mean that is NaN', { normalisation: { ...normalisation, mean: [0, NaN, 0] } }, /NaN/],
      ['a momentum that is NaN', { sgd: { ...sgd, momentum: NaN } }, /momentum must be 0 or more/],
      ['an infinite weight decay', { sgd: { ...sgd, weightDecay: Infinity } }, /weightDecay/],
    ];
    it_.each(settings)('%s', async (_, changes, message) => {
      const error = await refusal(() =>
        Promise.resolve().then(() => runtime.createSession(tinySpec({}, changes))),
      );
      expect(error.code).toBe('usage');
      expect(error.message).toMatch(message);
    });

    const weights = (): Map<string, { shape: readonly number[]; data: Float32Array }> =>
      new Map(tinySpec().weights);
    const unfit: [string, () => Partial<SessionSpec>, RegExp][] = [
      [
        'weights of another architecture',
        () => ({ weights: initialiseWeights(tinyNetwork({ classes: 5 }), 1) }),
        /"fc\.weight" has the shape \[64, 5\], the network needs \[64, 4\]/,
      ],
      [
        'weights with an array missing',
        () => {
          const some = weights();
          some.delete('block2.layer.0.bn1.running_var');
          return { weights: some };
        },
        /"block2\.layer\.0\.bn1\.running_var" is missing/,
      ],
      [
        'an array that is shorter than its shape',
        () => ({ weights: weights().set('fc.bias', { shape: [4], data: new Float32Array(3) }) }),
        /"fc\.bias" holds 3 numbers, its shape \[4\] needs 4/,
      ],
    ];
    unfit.push([
      'an array with a NaN',
      () => ({
        weights: weights().set('fc.bias', { shape: [4], data: Float32Array.of(0, 1, NaN, 2) }),
      }),
      /"fc\.bias" holds a value that is not a finite number/,
    ]);
    it_.each(unfit)('%s', async (_, changes, message) => {
      const made = await refusal(() =>
        Promise.resolve().then(() => runtime.createSession(tinySpec({}, changes()))),
      );
      expect(made.code).toBe('invalid-model');
      expect(made.message).toMatch(message);

      const { weights: unfitting } = changes();
      const before = bitsOf(session.readWeights());
      const written = await refusal(() =>
        Promise.resolve().then(() => {
          session.writeWeights(unfitting!);
        }),
      );
      expect(written.message).toMatch(message);
      expect(bitsOf(session.readWeights()), 'weights changed all the same').toEqual(before);
    });
  });
});
