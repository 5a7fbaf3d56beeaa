/** Writes a network as an ONNX model (onnx.proto, IR 8, opset 17), NCHW, for the inference peer. */
import { networkOf, type Architecture } from '../../src/core/model/architecture.ts';
import {
  BATCH_NORM_EPSILON,
  batchNormNames,
  type ConvOptions,
  type Layers,
  type PoolOptions,
} from '../../src/core/model/layers.ts';
import type { HostTensor } from '../../src/core/tf/host-tensor.ts';
import { bytesField, floatField, intField, message } from '../../src/core/tf/native/protobuf.ts';
import { channelPadding } from '../../src/core/tf/programs/inference-layers.ts';

const FLOAT = 1;
const INT64 = 7;
const IR_VERSION = 8;
const OPSET = 17;

interface Value {
  readonly name: string;
  readonly channels: number;
}

/** AttributeProto.AttributeType, and the field that holds the value. */
const ints = (name: string, values: readonly number[]): Uint8Array =>
  message([bytesField(1, name), ...values.map((v) => intField(8, v)), intField(20, 7)]);
const float = (name: string, value: number): Uint8Array =>
  message([bytesField(1, name), floatField(2, value), intField(20, 1)]);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** HWIO to OIHW. */
function transposed({ shape, data }: HostTensor): HostTensor {
  const [h, w, inputs, outputs] = shape as [number, number, number, number];
  const turned = new Float32Array(data.length);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++)
          turned[((o * inputs + i) * h + y) * w + x] =
            data[((y * w + x) * inputs + i) * outputs + o]!;
  return { shape: [outputs, inputs, h, w], data: turned };
}

class OnnxLayers implements Layers<Value> {
  readonly nodes: Uint8Array[] = [];
  readonly initialisers: Uint8Array[] = [];
  private readonly weights: ReadonlyMap<string, HostTensor>;
  private serial = 0;

  constructor(weights: ReadonlyMap<string, HostTensor>) {
    this.weights = weights;
  }

  conv(x: Value, name: string, { filters, kernel, stride }: ConvOptions): Value {
    const filter = this.weight(`${name}.weight`, transposed);
    const pad = kernel >> 1;
    const attributes = [
      ints('kernel_shape', [kernel, kernel]),
      ints('strides', [stride, stride]),
      ints('pads', [pad, pad, pad, pad]),
    ];
    return this.node('Conv', [x.name, filter], filters, attributes);
  }

  batchNorm(x: Value, name: string): Value {
    const { gamma, beta, mean, variance } = batchNormNames(name);
    const inputs = [gamma, beta, mean, variance].map((part) => this.weight(part));
    const epsilon = float('epsilon', BATCH_NORM_EPSILON);
    return this.node('BatchNormalization', [x.name, ...inputs], x.channels, [epsilon]);
  }

  batchNormRelu(x: Value, name: string): Value {
    return this.relu(this.batchNorm(x, name));
  }

  relu(x: Value): Value {
    return this.node('Relu', [x.name], x.channels);
  }

  add(a: Value, b: Value): Value {
    return this.node('Add', [a.name, b.name], a.channels);
  }

  concat(a: Value, b: Value): Value {
    return this.node('Concat', [a.name, b.name], a.channels + b.channels, [integer('axis', 1)]);
  }

  dropout(x: Value): Value {
    return x;
  }

  maxPool(x: Value, { kernel, stride }: PoolOptions): Value {
    const pad = kernel >> 1;
    return this.node('MaxPool', [x.name], x.channels, [
      ints('kernel_shape', [kernel, kernel]),
      ints('strides', [stride, stride]),
      ints('pads', [pad, pad, pad, pad]),
    ]);
  }

  averagePool2(x: Value): Value {
    const attributes = [ints('kernel_shape', [2, 2]), ints('strides', [2, 2])];
    return this.node('AveragePool', [x.name], x.channels, attributes);
  }

  subsampleAndPad(x: Value, channels: number): Value {
    const [before, after] = channelPadding(x.channels, channels);
    const far = 2 ** 31;
    const parts = [
      [0, 0],
      [far, far],
      [2, 3],
      [2, 2],
    ].map((values) => this.integers(values));
    const small = this.node('Slice', [x.name, ...parts], x.channels);
    const pads = this.integers([0, before, 0, 0, 0, after, 0, 0]);
    return this.node('Pad', [small.name, pads], channels);
  }

  globalAveragePool(x: Value): Value {
    const pooled = this.node('GlobalAveragePool', [x.name], x.channels);
    return this.node('Flatten', [pooled.name], x.channels);
  }

  dense(x: Value, name: string, units: number): Value {
    const inputs = [this.weight(`${name}.weight`), this.weight(`${name}.bias`)];
    return this.node('Gemm', [x.name, ...inputs], units);
  }

  private weight(name: string, turn: (x: HostTensor) => HostTensor = (x) => x): string {
    const { shape, data } = turn(this.weights.get(name)!);
    this.initialisers.push(tensor(name, shape, FLOAT, bytesOf(data)));
    return name;
  }

  private integers(values: readonly number[]): string {
    const name = `integers_${this.serial++}`;
    const data = BigInt64Array.from(values, (v) => BigInt(v));
    this.initialisers.push(tensor(name, [values.length], INT64, bytesOf(data)));
    return name;
  }

  private node(
    op: string,
    inputs: readonly string[],
    channels: number,
    attributes: readonly Uint8Array[] = [],
  ): Value {
    const name = `${op}_${this.serial++}`;
    this.nodes.push(
      message([
        ...inputs.map((input) => bytesField(1, input)),
        bytesField(2, name),
        bytesField(4, op),
        ...attributes.map((attribute) => bytesField(5, attribute)),
      ]),
    );
    return { name, channels };
  }
}

const integer = (name: string, value: number): Uint8Array =>
  message([bytesField(1, name), intField(3, value), intField(20, 2)]);

const tensor = (name: string, shape: readonly number[], type: number, raw: Uint8Array) =>
  message([
    ...shape.map((size) => intField(1, size)),
    intField(2, type),
    bytesField(8, name),
    bytesField(9, raw),
  ]);

/** ValueInfoProto of a float tensor. */
function valueInfo(name: string, shape: readonly number[]): Uint8Array {
  const dims = message(shape.map((size) => bytesField(1, intField(1, size))));
  const type = message([intField(1, FLOAT), bytesField(2, dims)]);
  return message([bytesField(1, name), bytesField(2, bytesField(1, type))]);
}

/** @returns a ModelProto whose input is `image` `[batch, 3, size, size]`, normalised, and whose output are the logits */
export function onnxModel(
  architecture: Architecture,
  weights: ReadonlyMap<string, HostTensor>,
  batch: number,
): { readonly bytes: Uint8Array; readonly input: string; readonly output: string } {
  const layers = new OnnxLayers(weights);
  const { inputSize, classes } = architecture;
  const input = 'image';
  const { logits } = networkOf(architecture)<Value>(layers, { name: input, channels: 3 });
  const graph = message([
    ...layers.nodes.map((node) => bytesField(1, node)),
    bytesField(2, 'network'),
    ...layers.initialisers.map((initialiser) => bytesField(5, initialiser)),
    bytesField(11, valueInfo(input, [batch, 3, inputSize, inputSize])),
    bytesField(12, valueInfo(logits.name, [batch, classes])),
  ]);
  const bytes = message([
    intField(1, IR_VERSION),
    bytesField(7, graph),
    bytesField(8, message([bytesField(1, ''), intField(2, OPSET)])),
  ]);
  return { bytes, input, output: logits.name };
}
