/**
 * Records ops into a TensorFlow FunctionDef (tensorflow/core/framework/function.proto), so that a whole
 * training step or forward pass is one call. The same kernels run on {@link EagerExecutor} op by op.
 */
import type { Shape } from '../kernels.ts';
import {
  AttributeType,
  DataType,
  type Attribute,
  type DataTypeId,
  type HostArray,
  attribute,
} from './binding.ts';
import type { Executor, NativeTensor, TensorSpec } from './executor.ts';
import type { OpDef } from './op-defs.ts';
import { bytesField, floatField, intField, mapEntry, message } from './protobuf.ts';

const shapeProto = (shape: Shape): Uint8Array =>
  message(shape.map((size) => bytesField(2, intField(1, size))));
const typeValue = (dtype: number): Uint8Array => intField(6, dtype);
const shapesValue = (shapes: readonly Shape[]): Uint8Array =>
  bytesField(1, message(shapes.map((shape) => bytesField(7, shapeProto(shape)))));

/** AttrValue of an attribute given by a kernel. */
function attributeValue({ name, type, value }: Attribute): Uint8Array {
  switch (type) {
    case AttributeType.string:
      return bytesField(2, value as string);
    case AttributeType.int:
      return Array.isArray(value)
        ? bytesField(1, message((value as number[]).map((v) => intField(3, v))))
        : intField(3, value as number);
    case AttributeType.float:
      return floatField(4, value as number);
    case AttributeType.bool:
      return intField(5, value === true ? 1 : 0);
    case AttributeType.type:
      return typeValue(value as number);
    case AttributeType.shape:
      return bytesField(7, shapeProto(value as number[]));
    default:
      throw new Error(`Attribute ${name} has the unknown type ${type}`);
  }
}

interface Argument {
  readonly spec: TensorSpec;
  /** Id of a live tensor bound to this argument in every call, or null for one given at each call. */
  readonly bound: number | null;
  /** Shape of the variable behind a resource argument. */
  readonly variableShape: Shape | null;
}

/** A finished function: its bytes, and which inputs every call must supply. */
export interface TracedFunction {
  readonly name: string;
  readonly definition: Uint8Array;
  /** Bound tensor ids, with -1 where an explicit input goes. */
  readonly inputs: Int32Array;
  readonly explicit: readonly { readonly position: number; readonly spec: TensorSpec }[];
  readonly outputs: number;
  readonly nodes: number;
}

export class Tracer implements Executor {
  readonly name: string;
  private readonly opDefs: ReadonlyMap<string, OpDef>;
  private readonly nodes: Uint8Array[] = [];
  private readonly arguments: Argument[] = [];
  private readonly resources = new Map<number, NativeTensor>();
  private readonly sideEffects: string[] = [];
  private stateful = false;
  private serial = 0;

  constructor(name: string, opDefs: ReadonlyMap<string, OpDef>) {
    this.name = name;
    this.opDefs = opDefs;
  }

  /**
   * Declares an input that each call supplies. Its shape is checked inside the function: oneDNN's
   * convolutions abort the process on a wrong one.
   */
  input(spec: TensorSpec): NativeTensor {
    const argument = this.addArgument(spec, null, null);
    return this.execute(
      'EnsureShape',
      [attribute.shape('shape', spec.shape)],
      [argument],
      [spec],
    )[0]!;
  }

  resource(handle: NativeTensor, variableShape: Shape): NativeTensor {
    const id = handle.ref as number;
    const known = this.resources.get(id);
    if (known) return known;
    const argument = this.addArgument(handle, id, variableShape);
    this.resources.set(id, argument);
    return argument;
  }

  constant(shape: Shape, dtype: DataTypeId, data: HostArray): NativeTensor {
    const name = `const_${this.serial++}`;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor = message([
      intField(1, dtype),
      bytesField(2, shapeProto(shape)),
      bytesField(4, bytes),
    ]);
    this.nodes.push(
      message([
        bytesField(1, name),
        bytesField(2, 'Const'),
        mapEntry(5, 'dtype', typeValue(dtype)),
        mapEntry(5, 'value', bytesField(8, tensor)),
      ]),
    );
    return { shape, dtype, ref: `${name}:output:0` };
  }

  execute(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeTensor[],
    outputs: readonly TensorSpec[],
  ): NativeTensor[] {
    const definition = this.opDefs.get(op);
    if (!definition) throw new Error(`TensorFlow has no op named ${op}`);
    const name = `${op}_${this.serial++}`;
    const values = new Map<string, Uint8Array>();
    for (const given of attributes) values.set(given.name, attributeValue(given));
    definition.inputs.forEach(({ typeAttribute, countAttribute, listAttribute }, i) => {
      if (typeAttribute && !countAttribute && !listAttribute && !values.has(typeAttribute))
        values.set(typeAttribute, typeValue(inputs[i]!.dtype));
    });
    for (const [key, fallback] of definition.attributes)
      if (fallback && !values.has(key)) values.set(key, fallback);

    this.nodes.push(
      message([
        bytesField(1, name),
        bytesField(2, op),
        ...inputs.map((x) => bytesField(3, x.ref as string)),
        ...[...values].map(([key, value]) => mapEntry(5, key, value)),
      ]),
    );
    if (definition.stateful) {
      this.stateful = true;
      if (op !== 'ReadVariableOp') this.sideEffects.push(name);
    }
    return outputs.map((spec, i) => ({
      shape: spec.shape,
      dtype: spec.dtype,
      ref: `${name}:${definition.outputs[i]!.name}:0`,
    }));
  }

  share(x: NativeTensor): NativeTensor {
    return x;
  }

  free(): void {
    // TensorFlow's executor frees each buffer after its last use.
  }

  /** Ends the trace. `outputs` become the function's results, in order. */
  finish(outputs: readonly NativeTensor[]): TracedFunction {
    const signature = [
      bytesField(1, this.name),
      ...this.arguments.map((argument, i) => bytesField(2, argumentDef(argument, i))),
      ...outputs.map((x, i) =>
        bytesField(3, message([bytesField(1, `out${i}`), intField(3, x.dtype)])),
      ),
      ...this.sideEffects.map((node) => bytesField(20, node)),
      ...(this.stateful ? [intField(17, 1)] : []),
    ];
    const definition = message([
      bytesField(1, message(signature)),
      ...this.arguments.map((argument, i) =>
        mapEntryByIndex(i, mapEntry(1, '_output_shapes', shapesValue([argumentShape(argument)]))),
      ),
      ...this.nodes.map((node) => bytesField(3, node)),
      ...outputs.map((x, i) => mapString(4, `out${i}`, x.ref as string)),
      ...this.sideEffects.map((node) => mapString(6, node, node)),
    ]);
    return {
      name: this.name,
      definition,
      inputs: Int32Array.from(this.arguments, ({ bound }) => bound ?? -1),
      explicit: this.arguments.flatMap(({ spec, bound }, position) =>
        bound === null ? [{ position, spec }] : [],
      ),
      outputs: outputs.length,
      nodes: this.nodes.length,
    };
  }

  private addArgument(
    spec: TensorSpec,
    bound: number | null,
    variableShape: Shape | null,
  ): NativeTensor {
    const ref = `arg${this.arguments.length}`;
    this.arguments.push({ spec: { shape: spec.shape, dtype: spec.dtype }, bound, variableShape });
    return { shape: spec.shape, dtype: spec.dtype, ref };
  }
}

const argumentShape = ({ spec }: Argument): Shape =>
  spec.dtype === DataType.resource ? [] : spec.shape;

function argumentDef({ spec, variableShape }: Argument, index: number): Uint8Array {
  const fields = [bytesField(1, `arg${index}`), intField(3, spec.dtype)];
  if (variableShape)
    fields.push(
      bytesField(
        7,
        message([intField(1, DataType.float32), bytesField(2, shapeProto(variableShape))]),
      ),
    );
  return message(fields);
}

/** Entry of FunctionDef.arg_attr: map<uint32, ArgAttrs>. */
const mapEntryByIndex = (index: number, value: Uint8Array): Uint8Array =>
  bytesField(7, message([intField(1, index), bytesField(2, value)]));

/** Entry of a map<string, string>. */
const mapString = (field: number, key: string, value: string): Uint8Array =>
  bytesField(field, message([bytesField(1, key), bytesField(2, value)]));
