/** Architectures by description, and what can be told of them without running them. */
import { AppError } from '../errors.ts';
import type { Shape } from '../tf/kernels.ts';
import { convOutputSize } from '../tf/conv-geometry.ts';
import {
  batchNormNames,
  type ConvOptions,
  type Layers,
  type Network,
  type Parameter,
  type PoolOptions,
} from './layers.ts';
import { denseNetBc } from './networks/densenet-bc.ts';
import { plainCnn } from './networks/plain-cnn.ts';
import { resNet18, type ResNetStem } from './networks/resnet18.ts';
import { resNetCifar } from './networks/resnet-cifar.ts';
import { wideResNet } from './networks/wide-resnet.ts';

/** A network family with its numbers; stored with every model. */
export type Architecture = Family & {
  /** Dropout rate, 0 to below 1; families without dropout take 0 only. */
  readonly dropout: number;
  readonly classes: number;
  /** Side of the square input in pixels. */
  readonly inputSize: number;
};

/** What tells the networks of a family apart. */
export type Family =
  /** `depth` 6n + 4: 10, 16, 22, 28, 40. */
  | { readonly family: 'wide-resnet'; readonly depth: number; readonly width: number }
  /** `depth` 6n + 2: 20, 32, 44, 56, 110. */
  | { readonly family: 'resnet-cifar'; readonly depth: number }
  | { readonly family: 'resnet-18'; readonly stem: ResNetStem }
  /** `depth` 6n + 4: 40, 100. */
  | { readonly family: 'densenet-bc'; readonly depth: number; readonly growth: number }
  | { readonly family: 'plain-cnn'; readonly width: number };

/** Networks by the names that users know them by. */
export const ARCHITECTURE_PRESETS = {
  /** The paper's family and the authors' choice. */
  'wrn-40-2': { family: 'wide-resnet', depth: 40, width: 2 },
  'wrn-28-10': { family: 'wide-resnet', depth: 28, width: 10 },
  'wrn-16-2': { family: 'wide-resnet', depth: 16, width: 2 },
  /** For a quick look. */
  'wrn-10-1': { family: 'wide-resnet', depth: 10, width: 1 },
  'resnet-20': { family: 'resnet-cifar', depth: 20 },
  'resnet-56': { family: 'resnet-cifar', depth: 56 },
  'resnet-110': { family: 'resnet-cifar', depth: 110 },
  'resnet-18': { family: 'resnet-18', stem: 'small' },
  'resnet-18-224': { family: 'resnet-18', stem: 'large' },
  'densenet-bc-100': { family: 'densenet-bc', depth: 100, growth: 12 },
  cnn: { family: 'plain-cnn', width: 32 },
} as const satisfies Readonly<Record<string, Family>>;
export type ArchitecturePreset = keyof typeof ARCHITECTURE_PRESETS;

const withDropout: ReadonlySet<Family['family']> = new Set(['wide-resnet', 'densenet-bc']);

/**
 * @param options.dropout ignored by families without dropout
 * @throws AppError `usage` naming the known presets
 */
export function architectureOf(
  preset: string,
  options: { readonly classes: number; readonly inputSize: number; readonly dropout?: number },
): Architecture {
  if (!Object.hasOwn(ARCHITECTURE_PRESETS, preset)) {
    const known = Object.keys(ARCHITECTURE_PRESETS).join(', ');
    throw new AppError('usage', `Unknown network "${preset}". Choose one of: ${known}.`);
  }
  const family: Family = ARCHITECTURE_PRESETS[preset as ArchitecturePreset];
  const { classes, inputSize, dropout = 0 } = options;
  const used = withDropout.has(family.family) ? dropout : 0;
  return validated({ ...family, dropout: used, classes, inputSize });
}

/** @throws AppError `invalid-model` when the numbers describe no network */
export function validated(architecture: Architecture): Architecture {
  const { dropout, classes, inputSize } = architecture;
  const problem =
    familyProblem(architecture) ??
    (!(dropout >= 0 && dropout < 1)
      ? `dropout must be at least 0 and below 1, not ${dropout}`
      : dropout > 0 && !withDropout.has(architecture.family)
        ? `${architecture.family} has no dropout, so its rate must be 0, not ${dropout}`
        : !Number.isInteger(classes) || classes < 2
          ? `a classifier needs at least 2 classes, not ${classes}`
          : !Number.isInteger(inputSize) || inputSize < 8
            ? `the input must be at least 8 pixels wide, not ${inputSize}`
            : null);
  if (problem) throw new AppError('invalid-model', `Network cannot be built: ${problem}.`);
  return architecture;
}

function familyProblem(family: Family): string | null {
  const positive = (name: string, value: number): string | null =>
    Number.isInteger(value) && value >= 1
      ? null
      : `${name} must be a positive integer, not ${value}`;
  const depthOf = (depth: number, rest: number, least: number, examples: string): string | null =>
    Number.isInteger((depth - rest) / 6) && depth >= least
      ? null
      : `depth must be 6n + ${rest} (${examples}), not ${depth}`;
  switch (family.family) {
    case 'wide-resnet':
      return depthOf(family.depth, 4, 10, '10, 16, 22, 28, 40') ?? positive('width', family.width);
    case 'resnet-cifar':
      return depthOf(family.depth, 2, 8, '20, 32, 44, 56, 110');
    case 'resnet-18':
      return null;
    case 'densenet-bc':
      return depthOf(family.depth, 4, 10, '40, 100, 190') ?? positive('growth', family.growth);
    case 'plain-cnn':
      return positive('width', family.width);
    default:
      return `the family "${(family as { family: string }).family}" is unknown`;
  }
}

/** The network function of an architecture. */
export function networkOf(architecture: Architecture): Network {
  const a = validated(architecture);
  switch (a.family) {
    case 'wide-resnet':
      return wideResNet(a);
    case 'resnet-cifar':
      return resNetCifar(a);
    case 'resnet-18':
      return resNet18(a);
    case 'densenet-bc':
      return denseNetBc(a);
    case 'plain-cnn':
      return plainCnn(a);
  }
}

/** e.g. `WRN-40-2`. */
export function architectureName(a: Architecture): string {
  switch (a.family) {
    case 'wide-resnet':
      return `WRN-${a.depth}-${a.width}`;
    case 'resnet-cifar':
      return `ResNet-${a.depth}`;
    case 'resnet-18':
      return a.stem === 'large' ? 'ResNet-18 (7x7 stem)' : 'ResNet-18';
    case 'densenet-bc':
      return `DenseNet-BC-${a.depth} (k = ${a.growth})`;
    case 'plain-cnn':
      return `CNN-${a.width}`;
  }
}

/** What a network is made of. Multiply-adds are for one image's forward pass through convolutions and dense layers. */
export interface NetworkSummary {
  readonly parameters: readonly Parameter[];
  readonly trainableCount: number;
  readonly multiplyAdds: number;
  readonly featureCount: number;
  /** Channels of what comes out of each stage. */
  readonly stageWidths: readonly number[];
  /** Numbers that one image's convolutions put out, and the largest of these outputs. */
  readonly activations: { readonly total: number; readonly largest: number };
}

/** Runs the network over shapes only. */
export function summariseNetwork(architecture: Architecture): NetworkSummary {
  const layers = new ShapeLayers();
  const { inputSize } = architecture;
  const { features, stages } = networkOf(architecture)<Shape>(layers, [1, inputSize, inputSize, 3]);
  const sizeOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);
  return {
    parameters: layers.parameters,
    trainableCount: layers.parameters
      .filter(({ trainable }) => trainable)
      .reduce((sum, parameter) => sum + sizeOf(parameter), 0),
    multiplyAdds: layers.multiplyAdds,
    featureCount: features[1]!,
    stageWidths: stages.map((shape) => shape[3]!),
    activations: layers.activations,
  };
}

class ShapeLayers implements Layers<Shape> {
  readonly parameters: Parameter[] = [];
  readonly activations = { total: 0, largest: 0 };
  multiplyAdds = 0;

  conv([n, h, w, c]: Shape, name: string, { filters, kernel, stride }: ConvOptions): Shape {
    const shape = [kernel, kernel, c!, filters];
    this.parameters.push({
      name: `${name}.weight`,
      shape,
      initialiser: 'he-fan-out',
      trainable: true,
    });
    const out = [
      n!,
      convOutputSize(h!, kernel, stride),
      convOutputSize(w!, kernel, stride),
      filters,
    ];
    const numbers = out[1]! * out[2]! * filters;
    this.multiplyAdds += numbers * kernel * kernel * c!;
    this.activations.total += numbers;
    this.activations.largest = Math.max(this.activations.largest, numbers);
    return out;
  }

  batchNorm(x: Shape, name: string): Shape {
    const shape = [x[3]!];
    const names = batchNormNames(name);
    this.parameters.push(
      { name: names.gamma, shape, initialiser: 'ones', trainable: true },
      { name: names.beta, shape, initialiser: 'zeros', trainable: true },
      { name: names.mean, shape, initialiser: 'zeros', trainable: false },
      { name: names.variance, shape, initialiser: 'ones', trainable: false },
    );
    return x;
  }

  batchNormRelu(x: Shape, name: string): Shape {
    return this.batchNorm(x, name);
  }

  relu(x: Shape): Shape {
    return x;
  }

  add(a: Shape): Shape {
    return a;
  }

  concat([n, h, w, a]: Shape, [, , , b]: Shape): Shape {
    return [n!, h!, w!, a! + b!];
  }

  dropout(x: Shape): Shape {
    return x;
  }

  maxPool([n, h, w, c]: Shape, { kernel, stride }: PoolOptions): Shape {
    return [n!, convOutputSize(h!, kernel, stride), convOutputSize(w!, kernel, stride), c!];
  }

  averagePool2([n, h, w, c]: Shape): Shape {
    return [n!, h! >> 1, w! >> 1, c!];
  }

  subsampleAndPad([n, h, w]: Shape, channels: number): Shape {
    return [n!, (h! + 1) >> 1, (w! + 1) >> 1, channels];
  }

  globalAveragePool([n, , , c]: Shape): Shape {
    return [n!, c!];
  }

  dense([n, inputs]: Shape, name: string, units: number): Shape {
    this.parameters.push(
      {
        name: `${name}.weight`,
        shape: [inputs!, units],
        initialiser: 'uniform-fan-in',
        trainable: true,
      },
      { name: `${name}.bias`, shape: [units], initialiser: 'zeros', trainable: true },
    );
    this.multiplyAdds += inputs! * units;
    return [n!, units];
  }
}
