/** What detectors ask of a network: shaped features, gradients to the image, ODIN's step. */
import { beforeAll, describe, expect, it } from 'vitest';
import { networkOf, type Architecture } from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { inputGradient } from '../../../src/core/tf/programs/programs.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import type { Session } from '../../../src/core/tf/session.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { ReferenceKernels } from '../../support/reference-kernels.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { bitsOf, randomPixels, tinyBatch, tinySpec } from '../../support/sessions.ts';

const native = nativeRuntime();
const missing = 'missing' in native ? native.missing : null;
const tiers: [string, () => Promise<Runtime>][] = [
  ['wasm', wasmRuntime],
  [
    'TensorFlow',
    () =>
      'missing' in native
        ? Promise.reject(new Error(native.missing))
        : Promise.resolve(native.runtime),
  ],
];
const COUNT = 5;
const CLASSES = 4;
const FEATURES = 64;

describe.each(tiers)('on %s', (name, load) => {
  const skip = name === 'TensorFlow' && missing !== null;
  const it_ = it.skipIf(skip);
  const spec = tinySpec();
  const pixels = randomPixels(COUNT);
  let runtime: Runtime;
  let session: Session;
  beforeAll(async () => {
    if (skip) return;
    runtime = await load();
    session = runtime.createSession(spec);
  });

  /** Logits by the last layer's definition. */
  const head = (features: Float32Array): Float64Array => {
    const weight = spec.weights.get('fc.weight')!.data;
    const bias = spec.weights.get('fc.bias')!.data;
    const logits = new Float64Array(COUNT * CLASSES);
    for (let i = 0; i < COUNT; i++)
      for (let k = 0; k < CLASSES; k++) {
        let sum = bias[k]!;
        for (let j = 0; j < FEATURES; j++)
          sum += features[i * FEATURES + j]! * weight[j * CLASSES + k]!;
        logits[i * CLASSES + k] = sum;
      }
    return logits;
  };

  it_('features above a limit are cut down for the last layer only', async () => {
    const plain = await session.forward(pixels, COUNT);
    const limit = [...plain.features].sort((a, b) => a - b)[Math.floor(0.6 * COUNT * FEATURES)]!;
    const shaped = await session.forward(pixels, COUNT, { featureLimit: limit });
    expect(relativeError(shaped.features, plain.features)).toBe(0);
    const expected = head(plain.features.map((value) => Math.min(value, limit)));
    expect(relativeError(shaped.logits, expected)).toBeLessThan(1e-5);
    expect(relativeError(shaped.logits, plain.logits)).toBeGreaterThan(1e-3);
  });

  it_('features are multiplied by a mask', async () => {
    const plain = await session.forward(pixels, COUNT);
    const featureMask = Float32Array.from({ length: FEATURES }, (_, j) => (j % 3 === 0 ? 0 : j));
    const shaped = await session.forward(pixels, COUNT, { featureMask });
    const expected = head(plain.features.map((value, i) => value * featureMask[i % FEATURES]!));
    expect(relativeError(shaped.logits, expected)).toBeLessThan(1e-5);
  });

  it_.each([
    ['energy', 1],
    ['energy', 3],
    ['confidence', 1],
    ['confidence', 100],
  ] as const)('gradient of the %s at temperature %d to the image', async (score, temperature) => {
    const variables = new Map(
      [...spec.weights].map(([key, { shape, data }]) => [
        key,
        { name: key, shape, data: Float64Array.from(data) },
      ]),
    );
    const context = {
      network: networkOf(spec.architecture),
      variables,
      normalisation: spec.normalisation,
    };
    const image = { shape: [COUNT, 16, 16, 3], data: Float64Array.from(pixels) };
    const inverse = { shape: [], data: Float64Array.of(1 / temperature) };
    const expected = inputGradient(new ReferenceKernels(), context, image, score, inverse);
    const actual = await session.inputGradient(pixels, COUNT, { score, temperature });
    expect(actual).toHaveLength(pixels.length);
    expect(relativeError(actual, expected.gradient.data)).toBeLessThan(1e-4);
  });

  it_("ODIN's step raises the confidence; a step of 0 changes nothing", async () => {
    const temperature = 2;
    const plain = await session.forward(pixels, COUNT);
    const still = await session.forwardPerturbed(pixels, COUNT, { temperature, epsilon: 0 });
    expect(relativeError(still.logits, plain.logits)).toBeLessThan(1e-6);
    const moved = await session.forwardPerturbed(pixels, COUNT, { temperature, epsilon: 0.001 });
    const confidence = (logits: Float32Array, i: number): number => {
      const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
      return 1 / row.reduce((sum, f) => sum + Math.exp((f - Math.max(...row)) / temperature), 0);
    };
    for (let i = 0; i < COUNT; i++)
      expect(confidence(moved.logits, i)).toBeGreaterThan(confidence(plain.logits, i));
  });

  it_('nothing is left behind and nothing is learned', async () => {
    const weights = bitsOf(session.readWeights());
    const run = async (): Promise<void> => {
      await session.forward(pixels, COUNT, {
        featureLimit: 1,
        featureMask: new Float32Array(FEATURES).fill(1),
      });
      await session.inputGradient(pixels, COUNT, { score: 'energy', temperature: 1 });
      await session.forwardPerturbed(pixels, COUNT, { temperature: 1, epsilon: 0.001 });
    };
    await run();
    const live = runtime.liveTensors();
    await run();
    expect(runtime.liveTensors()).toBe(live);
    expect(bitsOf(session.readWeights())).toEqual(weights);
  });

  it_.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a mask of another length',
      () => session.forward(pixels, COUNT, { featureMask: new Float32Array(3) }),
      /mask has 3 factors; the network has 64 features/,
    ],
    [
      'a limit that is NaN',
      () => session.forward(pixels, COUNT, { featureLimit: NaN }),
      /feature limit must be a number/,
    ],
    [
      'a temperature of 0',
      () => session.inputGradient(pixels, COUNT, { score: 'energy', temperature: 0 }),
      /temperature must be above 0/,
    ],
    [
      'a negative step',
      () => session.forwardPerturbed(pixels, COUNT, { temperature: 1, epsilon: -1 }),
      /step size must be 0 or more/,
    ],
    [
      'too few pixels',
      () => session.forwardPerturbed(pixels.subarray(1), COUNT, { temperature: 1, epsilon: 0.001 }),
      /were given/,
    ],
  ])('refuses %s', async (_, action, message) => {
    await expect(action()).rejects.toThrow(message);
  });
});

describe('every family', () => {
  const families: Architecture[] = [
    { family: 'resnet-cifar', depth: 8, dropout: 0, classes: 3, inputSize: 20 },
    { family: 'resnet-18', stem: 'small', dropout: 0, classes: 3, inputSize: 16 },
    { family: 'resnet-18', stem: 'large', dropout: 0, classes: 3, inputSize: 40 },
    { family: 'densenet-bc', depth: 10, growth: 4, dropout: 0.1, classes: 3, inputSize: 18 },
    { family: 'plain-cnn', width: 4, dropout: 0, classes: 3, inputSize: 17 },
  ];

  it.skipIf(missing !== null)(
    `trains alike on both tiers${missing === null ? '' : ` (skipped: ${missing})`}`,
    async () => {
      const runtimes = await Promise.all(tiers.map(([, load]) => load()));
      for (const architecture of families) {
        const spec = tinySpec({}, { architecture, weights: initialiseWeights(architecture, 3) });
        const size = architecture.inputSize;
        const batch = tinyBatch(0, {
          count: 4,
          pixels: randomPixels(4, size),
          labels: Int32Array.of(0, 1, 2, 0),
        });
        const sessions = runtimes.map((runtime) => runtime.createSession(spec));
        const [a, b] = await Promise.all(
          sessions.map(async (session) => {
            const { logits } = await session.forward(batch.pixels, 4);
            // Dropout masks differ between tiers, so such a network is compared before training only.
            const loss = architecture.dropout > 0 ? 0 : (await session.trainStep(batch)).loss;
            return { logits, loss };
          }),
        );
        const name = JSON.stringify(architecture);
        expect(relativeError(b!.logits, a!.logits), name).toBeLessThan(1e-4);
        expect(Math.abs(b!.loss - a!.loss), name).toBeLessThan(1e-4);
        for (const session of sessions) session.dispose();
      }
    },
    60_000,
  );
});

describe('bf16', () => {
  it.skipIf(missing !== null)(
    `stays near fp32 and keeps fp32 weights${missing === null ? '' : ` (skipped: ${missing})`}`,
    async () => {
      if ('missing' in native) throw new Error(native.missing);
      const exact = native.runtime.createSession(tinySpec());
      const mixed = native.runtime.createSession(
        tinySpec({}, { precision: 'bf16', forwardPrecision: 'bf16' }),
      );
      for (let step = 0; step < 5; step++) {
        const [a, b] = [
          await exact.trainStep(tinyBatch(step)),
          await mixed.trainStep(tinyBatch(step)),
        ];
        // bfloat16 has 8 bits of precision: 0.4% per rounding.
        expect(Math.abs(b.loss / a.loss - 1)).toBeLessThan(0.02);
      }
      const pixels = randomPixels(3);
      const [a, b] = [await exact.forward(pixels, 3), await mixed.forward(pixels, 3)];
      expect(relativeError(b.features, a.features)).toBeLessThan(0.1);
      expect(relativeError(b.logits, a.logits)).toBeGreaterThan(0);
      // Weights that were rounded to bfloat16 would have 16 zero bits.
      const { data } = mixed.readWeights().get('conv1.weight')!;
      const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
      expect(bits.filter((value) => (value & 0xffff) !== 0).length).toBeGreaterThan(
        0.9 * data.length,
      );
      exact.dispose();
      mixed.dispose();
    },
  );

  it('is refused on wasm, with the way out', async () => {
    const runtime = await wasmRuntime();
    expect(() => runtime.createSession(tinySpec({}, { precision: 'bf16' }))).toThrow(
      /bf16 needs TensorFlow.*--precision fp32/,
    );
  });
});
