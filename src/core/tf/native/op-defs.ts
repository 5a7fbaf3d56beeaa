/** What TensorFlow says about its ops (OpDef), needed to write complete NodeDefs. */
import { readFields } from './protobuf.ts';

export interface OpArgument {
  readonly name: string;
  /** Fixed data type, or 0 when an attribute gives it. */
  readonly type: number;
  readonly typeAttribute: string;
  /** Attribute with the number of tensors, for arguments that are lists of one type. */
  readonly countAttribute: string;
  /** Attribute with the list of types, for arguments that are lists of mixed types. */
  readonly listAttribute: string;
}

export interface OpDef {
  readonly inputs: readonly OpArgument[];
  readonly outputs: readonly OpArgument[];
  /** Serialized default AttrValue by attribute name; null where there is none. */
  readonly attributes: ReadonlyMap<string, Uint8Array | null>;
  readonly stateful: boolean;
}

const text = (value: number | Uint8Array): string => Buffer.from(value as Uint8Array).toString();

function readArgument(bytes: Uint8Array): OpArgument {
  const argument = { name: '', type: 0, typeAttribute: '', countAttribute: '', listAttribute: '' };
  for (const [field, value] of readFields(bytes)) {
    if (field === 1) argument.name = text(value);
    else if (field === 3) argument.type = value as number;
    else if (field === 4) argument.typeAttribute = text(value);
    else if (field === 5) argument.countAttribute = text(value);
    else if (field === 6) argument.listAttribute = text(value);
  }
  return argument;
}

function readAttribute(bytes: Uint8Array): [name: string, defaultValue: Uint8Array | null] {
  let name = '';
  let defaultValue: Uint8Array | null = null;
  for (const [field, value] of readFields(bytes)) {
    if (field === 1) name = text(value);
    else if (field === 3) defaultValue = value as Uint8Array;
  }
  return [name, defaultValue];
}

/** Parses a serialized `OpList` (tensorflow/core/framework/op_def.proto). */
export function readOpList(bytes: Uint8Array): ReadonlyMap<string, OpDef> {
  const definitions = new Map<string, OpDef>();
  for (const [, op] of readFields(bytes)) {
    let name = '';
    let stateful = false;
    const inputs: OpArgument[] = [];
    const outputs: OpArgument[] = [];
    const attributes = new Map<string, Uint8Array | null>();
    for (const [field, value] of readFields(op as Uint8Array)) {
      if (field === 1) name = text(value);
      else if (field === 2) inputs.push(readArgument(value as Uint8Array));
      else if (field === 3) outputs.push(readArgument(value as Uint8Array));
      else if (field === 4) attributes.set(...readAttribute(value as Uint8Array));
      else if (field === 17) stateful = value === 1;
    }
    definitions.set(name, { inputs, outputs, attributes, stateful });
  }
  return definitions;
}
