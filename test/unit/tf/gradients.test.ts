import { beforeAll, describe, expect, it } from 'vitest';
import type { Layers, Network } from '../../../src/core/model/layers.ts';
import {
  architectureOf,
  networkOf,
  summariseNetwork,
} from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { Random } from '../../../src/core/random.ts';
import type { HostTensor } from '../../../src/core/tf/host-tensor.ts';
import type { Kernels, Tensor, Variable } from '../../../src/core/tf/kernels.ts';
import { DataType } from '../../../src/core/tf/native/binding.ts';
import { EagerExecutor } from '../../../src/core/tf/native/executor.ts';
import { NativeKernels } from '../../../src/core/tf/native/native-kernels.ts';
import { NativeVariables } from '../../../src/core/tf/native/variables.ts';
import { lossGradients } from '../../../src/core/tf/programs/programs.ts';
import { TfjsKernels } from '../../../src/core/tf/tfjs/tfjs-kernels.ts';
import type { TfjsRuntime } from '../../../src/core/tf/tfjs/tfjs-runtime.ts';
import { sparsity } from '../../../src/core/train/objectives/sparsity.ts';
import { plainGradients, relativeError, type PlainStep } from '../../support/plain-tfjs.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';

/** Bound of the gradient check: largest difference relative to the largest gradient of the array. */
const TOLERANCE = 1e-5;
const LAMBDA = 0.02;
const CLASSES = 3;
const COUNT = 4;

interface Case {
  readonly name: string;
  readonly size: number;
  readonly network: Network;
}

/** Each layer alone between the fewest others that make it a classifier. */
const head = <V>(layers: Layers<V>, x: V) => {
  const features = layers.globalAveragePool(x);
  return { features, logits: layers.dense(features, 'fc', CLASSES) };
};
const cases: Case[] = [
  ...[
    { kernel: 3, stride: 1, size: 8 },
    { kernel: 3, stride: 2, size: 8 },
    { kernel: 3, stride: 2, size: 9 },
    { kernel: 1, stride: 1, size: 8 },
    { kernel: 1, stride: 2, size: 8 },
    { kernel: 1, stride: 2, size: 9 },
    { kernel: 5, stride: 1, size: 8 },
  ].map(({ kernel, stride, size }) => ({
    name: `conv ${kernel}x${kernel}, stride ${stride}, ${size} pixels`,
    size,
    // Two in a row, so that the gradient to the input is needed too.
    network: <V>(layers: Layers<V>, image: V) => {
      const first = layers.conv(image, 'first', { filters: 5, kernel: 3, stride: 1 });
      return head(layers, layers.conv(first, 'second', { filters: 4, kernel, stride }));
    },
  })),
  {
    name: 'batch norm and ReLU',
    size: 8,
    network: (layers, image) => {
      const x = layers.conv(image, 'conv', { filters: 4, kernel: 3, stride: 1 });
      return head(layers, layers.batchNormRelu(x, 'bn'));
    },
  },
  {
    name: 'add, of a branch and its own input',
    size: 8,
    network: (layers, image) => {
      const x = layers.conv(image, 'conv', { filters: 4, kernel: 3, stride: 1 });
      const y = layers.conv(layers.batchNormRelu(x, 'bn'), 'branch', {
        filters: 4,
        kernel: 3,
        stride: 1,
      });
      return head(layers, layers.add(y, x));
    },
  },
  {
    name: 'global average pooling and dense alone',
    size: 8,
    network: (layers, image) => head(layers, image),
  },
  {
    name: 'batch norm alone, then ReLU after an addition',
    size: 8,
    network: (layers, image) => {
      const x = layers.conv(image, 'conv', { filters: 4, kernel: 3, stride: 1 });
      return head(layers, layers.relu(layers.add(layers.batchNorm(x, 'bn'), x)));
    },
  },
  {
    name: 'concatenation of channels',
    size: 8,
    network: (layers, image) => {
      const a = layers.conv(image, 'a', { filters: 4, kernel: 3, stride: 1 });
      const b = layers.conv(a, 'b', { filters: 3, kernel: 1, stride: 1 });
      return head(layers, layers.batchNormRelu(layers.concat(a, b), 'bn'));
    },
  },
  ...[8, 9].flatMap((size) => [
    {
      name: `max pooling, ${size} pixels`,
      size,
      network: <V>(layers: Layers<V>, image: V) => {
        const x = layers.conv(image, 'conv', { filters: 4, kernel: 3, stride: 1 });
        const pooled = layers.maxPool(layers.batchNorm(x, 'bn'), { kernel: 3, stride: 2 });
        return head(layers, layers.conv(pooled, 'after', { filters: 3, kernel: 3, stride: 1 }));
      },
    },
    {
      name: `average pooling, ${size} pixels`,
      size,
      network: <V>(layers: Layers<V>, image: V) => {
        const x = layers.conv(image, 'conv', { filters: 4, kernel: 3, stride: 1 });
        const pooled = layers.averagePool2(layers.batchNormRelu(x, 'bn'));
        return head(layers, layers.conv(pooled, 'after', { filters: 3, kernel: 3, stride: 1 }));
      },
    },
    {
      name: `shortcut without parameters, ${size} pixels`,
      size,
      network: <V>(layers: Layers<V>, image: V) => {
        const x = layers.conv(image, 'conv', { filters: 3, kernel: 3, stride: 1 });
        const small = layers.subsampleAndPad(layers.batchNormRelu(x, 'bn'), 8);
        return head(layers, layers.conv(small, 'after', { filters: 3, kernel: 3, stride: 1 }));
      },
    },
  ]),
  ...(
    [
      { name: 'WRN-10-1', family: 'wide-resnet', depth: 10, width: 1 },
      { name: 'ResNet-8', family: 'resnet-cifar', depth: 8 },
      { name: 'DenseNet-BC-10', family: 'densenet-bc', depth: 10, growth: 4 },
      { name: 'CNN-4', family: 'plain-cnn', width: 4 },
    ] as const
  ).map(({ name, ...family }) => ({
    name: `a whole ${name}`,
    size: 16,
    network: networkOf({ ...family, dropout: 0, classes: CLASSES, inputSize: 16 }),
  })),
];

const random = new Random(11);
const pixelsOf = (size: number): Uint8Array =>
  Uint8Array.from({ length: COUNT * size * size * 3 }, () => random.integer(256));
const labels = Int32Array.of(0, 1, 2, 1);
const normalisation = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] } as const;

/** Normalised pixels, by the definition. */
function normalised(pixels: Uint8Array, size: number) {
  const data = Float32Array.from(
    pixels,
    (value, i) => (value / 255 - normalisation.mean[i % 3]!) / normalisation.std[i % 3]!,
  );
  return { shape: [COUNT, size, size, 3], data };
}

/** Random weights for a network that is not an architecture: shapes come from running it once. */
function weightsOf({ network, size }: Case): Map<string, HostTensor & { trainable: boolean }> {
  const weights = new Map<string, HostTensor & { trainable: boolean }>();
  const put = (name: string, shape: number[], centre: number, spread: number, trainable = true) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    weights.set(name, {
      shape,
      data: data.map(() => centre + spread * random.normal()),
      trainable,
    });
  };
  const batchNorm = (channels: number, name: string): number => {
    put(`${name}.weight`, [channels], 1, 0.2);
    put(`${name}.bias`, [channels], 0, 0.2);
    put(`${name}.running_mean`, [channels], 0, 0, false);
    put(`${name}.running_var`, [channels], 1, 0, false);
    return channels;
  };
  const layers: Layers<number> = {
    conv: (channels, name, { filters, kernel }) => {
      put(`${name}.weight`, [kernel, kernel, channels, filters], 0, 0.3);
      return filters;
    },
    batchNorm,
    batchNormRelu: batchNorm,
    relu: (x) => x,
    add: (a) => a,
    concat: (a, b) => a + b,
    dropout: (x) => x,
    maxPool: (x) => x,
    averagePool2: (x) => x,
    subsampleAndPad: (_, channels) => channels,
    globalAveragePool: (x) => x,
    dense: (inputs, name, units) => {
      put(`${name}.weight`, [inputs, units], 0, 0.5);
      put(`${name}.bias`, [units], 0, 0.1);
      return units;
    },
  };
  expect(size).toBeGreaterThan(0);
  network<number>(layers, 3);
  return weights;
}

const sizeOneHot = (): Float32Array => {
  const rows = new Float32Array(COUNT * CLASSES);
  labels.forEach((label, i) => (rows[i * CLASSES + label] = 1));
  return rows;
};

/** Gradients by this project's layers on one set of kernels. */
function gradientsOn<T extends Tensor>(
  kernels: Kernels<T>,
  variables: ReadonlyMap<string, Variable>,
  network: Network,
  inputs: { pixels: T; labels: T; learningRate: T; dropoutSeed: T; scalars: Map<string, T> },
  read: (x: T) => ArrayLike<number>,
) {
  const context = { network, variables, normalisation };
  const step = lossGradients(kernels, context, sparsity('features'), inputs);
  const loss = read(step.terms[0]!)[0]! + LAMBDA * read(step.terms[1]!)[0]!;
  return {
    loss,
    gradients: new Map(
      step.parameters.map(({ variable, gradient }) => [variable.name, read(gradient)]),
    ),
  };
}

const native = nativeRuntime();
const nativeName = `on TensorFlow${'missing' in native ? ` (skipped: ${native.missing})` : ''}`;
let wasm: TfjsRuntime;
beforeAll(async () => {
  wasm = await wasmRuntime();
});

describe.each(cases)('gradients of $name agree with plain tfjs', (test) => {
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
          labels: eager.constant([COUNT, CLASSES], float32, sizeOneHot()),
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
          labels: wrap(tf.tensor(sizeOneHot(), [COUNT, CLASSES])),
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
