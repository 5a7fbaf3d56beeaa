/** Every training objective: values and gradients against JAX (test/fixtures/jax), and the tiers against each other. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Network } from '../../../src/core/model/layers.ts';
import { DataType } from '../../../src/core/tf/native/binding.ts';
import { EagerExecutor, type NativeTensor } from '../../../src/core/tf/native/executor.ts';
import { NativeKernels } from '../../../src/core/tf/native/native-kernels.ts';
import { NativeSession } from '../../../src/core/tf/native/native-session.ts';
import { NativeVariables } from '../../../src/core/tf/native/variables.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import type { Session, TrainingBatch } from '../../../src/core/tf/session.ts';
import { TfjsKernels, type TfjsTensor } from '../../../src/core/tf/tfjs/tfjs-kernels.ts';
import {
  OBJECTIVE_IDS,
  objectiveNamed,
  type ObjectiveId,
} from '../../../src/core/train/objectives/registry.ts';
import { gradientsOn } from '../../support/gradient-cases.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { ReferenceKernels } from '../../support/reference-kernels.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { randomPixels, tinySpec } from '../../support/sessions.ts';

interface Fixture {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly outliers: number;
  readonly labels: readonly number[];
  readonly soft: readonly number[];
  readonly pixels: readonly number[];
  readonly weight: readonly number[];
  readonly bias: readonly number[];
  readonly cases: readonly {
    readonly objective: ObjectiveId;
    readonly targets: 'one-hot' | 'soft';
    readonly settings: Readonly<Record<string, number>>;
    readonly terms: Readonly<Record<string, number>>;
    readonly loss: number;
    readonly weight: readonly number[];
    readonly bias: readonly number[];
  }[];
}
const file = new URL('../../fixtures/jax/objectives.json', import.meta.url);
const fixture = JSON.parse(readFileSync(file, 'utf8')) as Fixture;
const CLASSES = fixture.bias.length;
const LABELLED = fixture.labels.length;
const ROWS = LABELLED + fixture.outliers;
const normalisation = { mean: fixture.mean, std: fixture.std };
const parameters = [
  { name: 'fc.weight', shape: [3, CLASSES], data: fixture.weight },
  { name: 'fc.bias', shape: [CLASSES], data: fixture.bias },
];
const oneHot = fixture.labels.flatMap((label) =>
  Array.from({ length: CLASSES }, (_, k) => (k === label ? 1 : 0)),
);
/** The pixel is the feature; one dense layer is the network. */
const network: Network = (layers, image) => {
  const features = layers.globalAveragePool(image);
  return { features, stages: [], logits: layers.dense(features, 'fc', CLASSES) };
};

const native = nativeRuntime();
const missing = 'missing' in native ? native.missing : null;
const skipped = missing === null ? '' : ` (skipped: ${missing})`;
const wasm = await wasmRuntime();

describe.each(fixture.cases)('$objective, $targets labels: JAX agrees', (expected) => {
  const objective = objectiveNamed(expected.objective);
  const targets = expected.targets === 'soft' ? fixture.soft : oneHot;
  const check = (actual: ReturnType<typeof gradientsOn>, tolerance: number): void => {
    expect(Object.keys(actual.terms).sort()).toEqual(Object.keys(expected.terms).sort());
    for (const [name, value] of Object.entries(expected.terms))
      expect(Math.abs(actual.terms[name]! - value), name).toBeLessThan(
        tolerance * Math.max(1, value),
      );
    expect(Math.abs(actual.loss / expected.loss - 1)).toBeLessThan(tolerance);
    expect(relativeError(actual.gradients.get('fc.weight')!, expected.weight)).toBeLessThan(
      tolerance,
    );
    expect(relativeError(actual.gradients.get('fc.bias')!, expected.bias)).toBeLessThan(tolerance);
  };
  const scalars = <T>(make: (value: number) => T): Map<string, T> =>
    new Map(objective.scalars.map((name) => [name, make(expected.settings[name]!)]));

  it('in double precision', () => {
    const array = (shape: readonly number[], data: readonly number[]) => ({
      shape,
      data: Float64Array.from(data),
    });
    const scalar = (value: number) => array([], [value]);
    const variables = new Map(
      parameters.map(({ name, shape, data }) => [name, { name, ...array(shape, data) }]),
    );
    const inputs = {
      pixels: array([ROWS, 1, 1, 3], fixture.pixels),
      labels: array([LABELLED, CLASSES], targets),
      learningRate: scalar(0),
      dropoutSeed: scalar(0),
      scalars: scalars(scalar),
    };
    // The authors of LogitNorm add 1e-7 to a length; see its file. Scale and offset of pixels are float32 constants.
    const kernels = new ReferenceKernels();
    check(
      gradientsOn(
        kernels,
        variables,
        network,
        inputs,
        ({ data }) => data,
        objective,
        normalisation,
      ),
      1e-6,
    );
  });

  it('on wasm', async () => {
    const { tf } = wasm;
    await tf.setBackend('wasm');
    const wrap = (value: TfjsTensor['value']): TfjsTensor => ({ shape: value.shape, value });
    const before = tf.memory().numTensors;
    const variables = new Map(
      parameters.map(({ name, shape, data }) => [
        name,
        { name, shape, value: tf.tensor([...data], shape), velocity: null },
      ]),
    );
    const inputs = {
      pixels: wrap(tf.tensor([...fixture.pixels], [ROWS, 1, 1, 3], 'int32')),
      labels: wrap(tf.tensor([...targets], [LABELLED, CLASSES])),
      learningRate: wrap(tf.scalar(0)),
      dropoutSeed: wrap(tf.tensor1d([1, 2], 'int32')),
      scalars: scalars((value) => wrap(tf.scalar(value))),
    };
    const kernels = new TfjsKernels(tf);
    const read = ({ value }: TfjsTensor) => value.dataSync();
    check(gradientsOn(kernels, variables, network, inputs, read, objective, normalisation), 1e-5);
    // Of the step itself, what is handed out remains: terms, logits, and each parameter's value and gradient.
    const given = parameters.length + 4 + objective.scalars.length;
    const left = objective.terms.length + 1 + 2 * parameters.length;
    expect(tf.memory().numTensors - before - given).toBe(left);
  });

  it.skipIf(missing !== null)(`on TensorFlow${skipped}`, () => {
    if ('missing' in native) throw new Error(native.missing);
    const { binding } = native.runtime;
    const eager = new EagerExecutor(binding);
    const { float32, int32, uint8 } = DataType;
    const before = binding.getNumOfTensors();
    const variables = new NativeVariables(
      binding,
      parameters.map(({ name, shape }) => ({ name, shape, initialiser: 'zeros', trainable: true })),
      `${expected.objective} ${expected.targets}`,
    );
    variables.write(
      'value',
      new Map(
        parameters.map(({ name, shape, data }) => [name, { shape, data: Float32Array.from(data) }]),
      ),
    );
    const owned = binding.getNumOfTensors() - before;
    const scalar = (value: number) => eager.constant([], float32, Float32Array.of(value));
    const inputs = {
      pixels: eager.constant([ROWS, 1, 1, 3], uint8, Uint8Array.from(fixture.pixels)),
      labels: eager.constant([LABELLED, CLASSES], float32, Float32Array.from(targets)),
      learningRate: scalar(0),
      dropoutSeed: eager.constant([2], int32, Int32Array.of(1, 2)),
      scalars: scalars(scalar),
    };
    const kernels = new NativeKernels(eager);
    const read = ({ ref }: NativeTensor) => binding.tensorDataSync(ref as number);
    check(
      gradientsOn(kernels, variables.byName, network, inputs, read, objective, normalisation),
      1e-5,
    );
    const given = owned + 4 + objective.scalars.length;
    const left = objective.terms.length + 1 + 2 * parameters.length;
    expect(binding.getNumOfTensors() - before - given).toBe(left);
    variables.dispose();
  });
});

describe.each(OBJECTIVE_IDS)('%s in a session', (id) => {
  const objective = objectiveNamed(id);
  const batch = (step: number): TrainingBatch => ({
    pixels: randomPixels(9, 16, 100 + step),
    labels: Int32Array.from({ length: 6 }, (_, i) => (i + step) % 4),
    count: 6,
    outlierCount: 3,
    learningRate: 0.05,
    scalars: {
      lambda: 0.02,
      ...Object.fromEntries(
        objective.settings.map(({ name, default: value }) => [name, value ?? 1]),
      ),
    },
    dropoutSeed: [12345, step],
  });
  const trained = async (session: Session) => {
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) losses.push((await session.trainStep(batch(step))).loss);
    const weights = session.readWeights();
    session.dispose();
    return { losses, weights };
  };
  const spec = tinySpec({}, { objective });

  it.skipIf(missing !== null)(`traced and op by op agree${skipped}`, async () => {
    if ('missing' in native) throw new Error(native.missing);
    const { binding, opDefs } = native.runtime;
    const live = binding.getNumOfTensors();
    const traced = await trained(new NativeSession(binding, opDefs, spec, 'traced'));
    const eager = await trained(new NativeSession(binding, opDefs, spec, 'eager'));
    // TensorFlow's graph rewrites reorder scalar factors, which costs the last bits.
    for (const [i, loss] of traced.losses.entries())
      expect(Math.abs(loss / eager.losses[i]! - 1)).toBeLessThan(1e-5);
    for (const [name, { data }] of traced.weights)
      expect(relativeError(data, eager.weights.get(name)!.data), name).toBeLessThan(1e-4);
    expect(binding.getNumOfTensors()).toBe(live);
  });

  it.skipIf(missing !== null)(`wasm and TensorFlow agree after 3 steps${skipped}`, async () => {
    if ('missing' in native) throw new Error(native.missing);
    const runtimes: Runtime[] = [native.runtime, wasm];
    const [a, b] = await Promise.all(runtimes.map((one) => trained(one.createSession(spec))));
    for (const [i, loss] of b!.losses.entries())
      expect(Math.abs(loss / a!.losses[i]! - 1)).toBeLessThan(1e-3);
    // Rounding grows over three steps of a high learning rate.
    for (const [name, { data }] of b!.weights)
      expect(relativeError(data, a!.weights.get(name)!.data), name).toBeLessThan(2e-3);
  });
});

describe('a batch with outliers', () => {
  const spec = tinySpec({}, { objective: objectiveNamed('energy-margin') });
  const good: TrainingBatch = {
    pixels: randomPixels(9),
    labels: Int32Array.of(0, 1, 2, 3, 0, 1),
    count: 6,
    outlierCount: 3,
    learningRate: 0.05,
    scalars: { outlierWeight: 0.1, marginIn: -23, marginOut: -5 },
    dropoutSeed: [1, 2],
  };

  it.each<[string, Partial<TrainingBatch>, RegExp]>([
    ['no outliers', { pixels: randomPixels(6), outlierCount: 0 }, /needs auxiliary outliers/],
    ['fewer pixels than it says', { outlierCount: 4 }, /A batch of 10 images/],
    ['targets of another size', { targets: new Float32Array(5) }, /5 target values; .* have 24/],
    [
      'a margin that is missing',
      { scalars: { outlierWeight: 0.1, marginIn: -23 } },
      /marginOut must be a finite number/,
    ],
  ])('is refused with %s', async (_, changes, message) => {
    const session = wasm.createSession(spec);
    await expect(session.trainStep({ ...good, ...changes })).rejects.toThrow(message);
    session.dispose();
  });

  it('counts what is right among the labelled images only', async () => {
    const session = wasm.createSession(spec);
    const { correct } = await session.trainStep(good);
    session.dispose();
    expect(correct).toBeLessThanOrEqual(6);
    expect(Number.isInteger(correct)).toBe(true);
  });
});
