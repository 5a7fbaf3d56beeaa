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
} from './layers.ts';
import { wideResNet } from './wide-resnet.ts';

/** A network family with its numbers; stored with every model. */
export interface Architecture {
  readonly family: 'wide-resnet';
  /** 6n + 4: 10, 16, 22, 28, 40. */
  readonly depth: number;
  readonly width: number;
  /** Dropout rate between the two convolutions of a block, 0 to below 1. */
  readonly dropout: number;
  readonly classes: number;
  /** Side of the square input in pixels. */
  readonly inputSize: number;
}

/** Named shapes: depth and width, in the field's notation. */
export const ARCHITECTURE_PRESETS = {
  /** The paper's family and the authors' choice. */
  'wrn-40-2': { depth: 40, width: 2 },
  'wrn-28-10': { depth: 28, width: 10 },
  'wrn-16-2': { depth: 16, width: 2 },
  /** For a quick look. */
  'wrn-10-1': { depth: 10, width: 1 },
} as const;
export type ArchitecturePreset = keyof typeof ARCHITECTURE_PRESETS;

/** @throws AppError `usage` naming the known presets */
export function architectureOf(
  preset: string,
  options: { readonly classes: number; readonly inputSize: number; readonly dropout?: number },
): Architecture {
  if (!Object.hasOwn(ARCHITECTURE_PRESETS, preset)) {
    const known = Object.keys(ARCHITECTURE_PRESETS).join(', ');
    throw new AppError('usage', `Unknown network "${preset}". Choose one of: ${known}.`);
  }
  const { depth, width } = ARCHITECTURE_PRESETS[preset as ArchitecturePreset];
  const { classes, inputSize, dropout = 0 } = options;
  return validated({ family: 'wide-resnet', depth, width, dropout, classes, inputSize });
}

/** @throws AppError `invalid-model` when the numbers describe no network */
export function validated(architecture: Architecture): Architecture {
  const { family, depth, width, dropout, classes, inputSize } = architecture;
  const problem =
    (family as string) !== 'wide-resnet'
      ? `the family "${family}" is unknown`
      : !Number.isInteger((depth - 4) / 6) || depth < 10
        ? `depth must be 6n + 4 (10, 16, 22, 28, 40), not ${depth}`
        : !Number.isInteger(width) || width < 1
          ? `width must be a positive integer, not ${width}`
          : !(dropout >= 0 && dropout < 1)
            ? `dropout must be at least 0 and below 1, not ${dropout}`
            : !Number.isInteger(classes) || classes < 2
              ? `a classifier needs at least 2 classes, not ${classes}`
              : !Number.isInteger(inputSize) || inputSize < 8
                ? `the input must be at least 8 pixels wide, not ${inputSize}`
                : null;
  if (problem) throw new AppError('invalid-model', `Network cannot be built: ${problem}.`);
  return architecture;
}

/** The network function of an architecture. */
export const networkOf = (architecture: Architecture): Network =>
  wideResNet(validated(architecture));

/** e.g. `WRN-40-2`. */
export const architectureName = ({ depth, width }: Architecture): string => `WRN-${depth}-${width}`;

/** What a network is made of. Multiply-adds are for one image's forward pass through convolutions and dense layers. */
export interface NetworkSummary {
  readonly parameters: readonly Parameter[];
  readonly trainableCount: number;
  readonly multiplyAdds: number;
  readonly featureCount: number;
}

/** Runs the network over shapes only. */
export function summariseNetwork(architecture: Architecture): NetworkSummary {
  const layers = new ShapeLayers();
  const { inputSize } = architecture;
  const { features } = networkOf(architecture)<Shape>(layers, [1, inputSize, inputSize, 3]);
  const sizeOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);
  return {
    parameters: layers.parameters,
    trainableCount: layers.parameters
      .filter(({ trainable }) => trainable)
      .reduce((sum, parameter) => sum + sizeOf(parameter), 0),
    multiplyAdds: layers.multiplyAdds,
    featureCount: features[1]!,
  };
}

class ShapeLayers implements Layers<Shape> {
  readonly parameters: Parameter[] = [];
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
    this.multiplyAdds += out[1]! * out[2]! * kernel * kernel * c! * filters;
    return out;
  }

  batchNormRelu(x: Shape, name: string): Shape {
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

  add(a: Shape): Shape {
    return a;
  }

  dropout(x: Shape): Shape {
    return x;
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
