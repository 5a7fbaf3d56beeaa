/** Networks with each kind of layer, their random weights, and their gradients on any set of kernels. */
import { networkOf } from '../../src/core/model/architecture.ts';
import type { Layers, Network } from '../../src/core/model/layers.ts';
import { Random } from '../../src/core/random.ts';
import type { HostTensor } from '../../src/core/tf/host-tensor.ts';
import type { Kernels, Tensor, Variable } from '../../src/core/tf/kernels.ts';
import type { Normalisation } from '../../src/core/decode/types.ts';
import { lossGradients, type StepInputs } from '../../src/core/tf/programs/programs.ts';
import type { Objective } from '../../src/core/train/objectives/objective.ts';
import { sparsity } from '../../src/core/train/objectives/sparsity.ts';

export const LAMBDA = 0.02;
export const CLASSES = 3;
export const COUNT = 4;

export interface GradientCase {
  readonly name: string;
  readonly size: number;
  readonly network: Network;
}

/** Each layer alone between the fewest others that make it a classifier. */
const head = <V>(layers: Layers<V>, x: V) => {
  const features = layers.globalAveragePool(x);
  return { features, stages: [], logits: layers.dense(features, 'fc', CLASSES) };
};
export const gradientCases: readonly GradientCase[] = [
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
export const pixelsOf = (size: number): Uint8Array =>
  Uint8Array.from({ length: COUNT * size * size * 3 }, () => random.integer(256));
export const labels = Int32Array.of(0, 1, 2, 1);
export const normalisation = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] } as const;

/** Normalised pixels, by the definition. */
export function normalised(pixels: Uint8Array, size: number) {
  const data = Float32Array.from(
    pixels,
    (value, i) => (value / 255 - normalisation.mean[i % 3]!) / normalisation.std[i % 3]!,
  );
  return { shape: [COUNT, size, size, 3], data };
}

/** Random weights for a network that is not an architecture: shapes come from running it once. */
export function weightsOf({
  network,
}: GradientCase): Map<string, HostTensor & { trainable: boolean }> {
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
    put(`${name}.running_mean`, [channels], 0, 0.2, false);
    put(`${name}.running_var`, [channels], 1, 0.1, false);
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
  network<number>(layers, 3);
  return weights;
}

/** `[COUNT, CLASSES]` */
export const oneHotLabels = (): Float32Array => {
  const rows = new Float32Array(COUNT * CLASSES);
  labels.forEach((label, i) => (rows[i * CLASSES + label] = 1));
  return rows;
};

/** Gradients by this project's layers on one set of kernels; the first rows of `pixels` are the labelled ones. */
export function gradientsOn<T extends Tensor>(
  kernels: Kernels<T>,
  variables: ReadonlyMap<string, Variable>,
  network: Network,
  inputs: StepInputs<T>,
  read: (x: T) => ArrayLike<number>,
  objective: Objective = sparsity('features'),
  by: Normalisation = normalisation,
) {
  const context = { network, variables, normalisation: by };
  const step = lossGradients(kernels, context, objective, inputs);
  const terms = Object.fromEntries(
    objective.terms.map(({ name }, i) => [name, read(step.terms[i]!)[0]!]),
  );
  const loss = objective.terms.reduce((sum, { name, weight }) => {
    const factor = weight === null ? 1 : read(inputs.scalars.get(weight)!)[0]!;
    return sum + factor * terms[name]!;
  }, 0);
  return {
    loss,
    terms,
    gradients: new Map(
      step.parameters.map(({ variable, gradient }) => [variable.name, read(gradient)]),
    ),
  };
}
