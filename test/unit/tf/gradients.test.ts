import { beforeAll, describe, expect, it } from 'vitest';
import {
  architectureOf,
  networkOf,
  summariseNetwork,
} from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { DataType } from '../../../src/core/tf/native/binding.ts';
import { EagerExecutor } from '../../../src/core/tf/native/executor.ts';
import { NativeKernels } from '../../../src/core/tf/native/native-kernels.ts';
import { NativeVariables } from '../../../src/core/tf/native/variables.ts';
import { TfjsKernels } from '../../../src/core/tf/tfjs/tfjs-kernels.ts';
import type { TfjsRuntime } from '../../../src/core/tf/tfjs/tfjs-runtime.ts';
import { sparsity } from '../../../src/core/train/objectives/sparsity.ts';
import { plainGradients, relativeError, type PlainStep } from '../../support/plain-tfjs.ts';
import {
  CLASSES,
  COUNT,
  gradientCases,
  gradientsOn,
  LAMBDA,
  labels,
  normalisation,
  normalised,
  oneHotLabels,
  pixelsOf,
  weightsOf,
} from '../../support/gradient-cases.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';

/** Bound of the gradient check: largest difference relative to the largest gradient of the array. */
const TOLERANCE = 1e-5;

const native = nativeRuntime();
const nativeName = `on TensorFlow${'missing' in native ? ` (skipped: ${native.missing})` : ''}`;
let wasm: TfjsRuntime;
beforeAll(async () => {
  wasm = await wasmRuntime();
});

describe.each(gradientCases)('gradients of $name agree with plain tfjs', (test) => {
  const weights = weightsOf(test);
  const pixels = pixelsOf(test.size);
  const shape = [COUNT, test.size, test.size, 3];
  const trainable = [...weights].filter(([, value]) => value.trainable).map(([name]) => name);
  let expected: PlainStep;
  beforeAll(async () => {
    const image = normalised(pixels, test.size);
    expected = await plainGradients(
      test.network,
      weights,
      trainable,
      image,
      labels,
      CLASSES,
      LAMBDA,
    );
  });

  const check = (actual: { loss: number; gradients: Map<string, ArrayLike<number>> }) => {
    expect(Math.abs(actual.loss - expected.loss) / expected.loss).toBeLessThan(TOLERANCE);
    expect([...actual.gradients.keys()].sort()).toEqual([...trainable].sort());
    for (const [name, gradient] of actual.gradients)
      expect(relativeError(gradient, expected.gradients.get(name)!), name).toBeLessThan(TOLERANCE);
  };

  it.skipIf('missing' in native)(nativeName, () => {
    if ('missing' in native) throw new Error(native.missing);
    const { binding } = native.runtime;
    const eager = new EagerExecutor(binding);
    const parameters = [...weights].map(([name, value]) => ({
      name,
      shape: value.shape,
      initialiser: 'zeros' as const,
      trainable: value.trainable,
    }));
    const variables = new NativeVariables(binding, parameters, `gradients of ${test.name}`);
    variables.write('value', weights);
    const { float32, int32, uint8 } = DataType;
    const scalar = (value: number) => eager.constant([], float32, Float32Array.of(value));
    check(
      gradientsOn(
        new NativeKernels(eager),
        variables.byName,
        test.network,
        {
          pixels: eager.constant(shape, uint8, pixels),
          labels: eager.constant([COUNT, CLASSES], float32, oneHotLabels()),
          learningRate: scalar(0.1),
          dropoutSeed: eager.constant([2], int32, Int32Array.of(1, 2)),
          scalars: new Map([['lambda', scalar(LAMBDA)]]),
        },
        ({ ref }) => binding.tensorDataSync(ref as number),
      ),
    );
    variables.dispose();
  });

  it('on wasm', async () => {
    const { tf } = wasm;
    await tf.setBackend('wasm');
    const wrap = (value: ReturnType<typeof tf.tensor>) => ({ shape: value.shape, value });
    const variables = new Map(
      [...weights].map(([name, { shape: dims, data }]) => [
        name,
        { name, shape: dims, value: tf.tensor(data, [...dims]), velocity: null },
      ]),
    );
    check(
      gradientsOn(
        new TfjsKernels(tf),
        variables,
        test.network,
        {
          pixels: wrap(tf.tensor(Int32Array.from(pixels), shape, 'int32')),
          labels: wrap(tf.tensor(oneHotLabels(), [COUNT, CLASSES])),
          learningRate: wrap(tf.scalar(0.1)),
          dropoutSeed: wrap(tf.tensor1d([1, 2], 'int32')),
          scalars: new Map([['lambda', wrap(tf.scalar(LAMBDA))]]),
        },
        ({ value }) => value.dataSync(),
      ),
    );
  });
});

describe('a whole training step', () => {
  const architecture = architectureOf('wrn-10-1', { classes: CLASSES, inputSize: 16 });
  const spec = {
    architecture,
    normalisation,
    objective: sparsity('features'),
    sgd: { momentum: 0.9, nesterov: true, weightDecay: 0 },
    weights: initialiseWeights(architecture, 5),
  };
  const batch = {
    pixels: pixelsOf(16),
    labels,
    count: COUNT,
    learningRate: 0.1,
    scalars: { lambda: LAMBDA },
    dropoutSeed: [0, 0] as const,
  };
  const trainable = summariseNetwork(architecture)
    .parameters.filter((parameter) => parameter.trainable)
    .map(({ name }) => name);

  it.skipIf('missing' in native)(`gives plain tfjs's gradients ${nativeName}`, async () => {
    if ('missing' in native) throw new Error(native.missing);
    const session = native.runtime.createSession(spec);
    const { loss } = await session.trainStep(batch);
    const expected = await plainGradients(
      networkOf(architecture),
      spec.weights,
      trainable,
      normalised(batch.pixels, 16),
      labels,
      CLASSES,
      LAMBDA,
    );
    expect(loss).toBeCloseTo(expected.loss, 5);
    // After the first step, without weight decay, SGD's velocity is the gradient itself.
    for (const [name, { data }] of session.readVelocities())
      expect(relativeError(data, expected.gradients.get(name)!), name).toBeLessThan(TOLERANCE);
    session.dispose();
  });
});
