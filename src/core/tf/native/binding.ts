/** The native addon as this project builds it: tfjs-node's own exports and the additions of `native/`. */

/** TF_DataType values used here. */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  bool: 10,
  resource: 20,
  bfloat16: 14,
} as const;
export type DataTypeId = (typeof DataType)[keyof typeof DataType];

/** tfjs-node's attribute type codes. */
export const AttributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
} as const;

/** An op's attribute, in the form that the addon's `executeOp` takes. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: string | number | boolean | readonly number[];
}

export const attribute = {
  string: (name: string, value: string): Attribute => ({ name, type: AttributeType.string, value }),
  int: (name: string, value: number): Attribute => ({ name, type: AttributeType.int, value }),
  ints: (name: string, value: readonly number[]): Attribute => ({
    name,
    type: AttributeType.int,
    value,
  }),
  float: (name: string, value: number): Attribute => ({ name, type: AttributeType.float, value }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: AttributeType.bool, value }),
  type: (name: string, value: number): Attribute => ({ name, type: AttributeType.type, value }),
  shape: (name: string, value: readonly number[]): Attribute => ({
    name,
    type: AttributeType.shape,
    value,
  }),
};

export type HostArray = Float32Array | Int32Array | Uint8Array;

export interface NativeBinding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): { readonly id: number; readonly dtype: number; readonly shape: readonly number[] }[];
  deleteTensor(id: number): void;
  tensorDataSync(id: number): HostArray;

  /** Serialized `OpList` of every op of this TensorFlow. */
  opList(): Uint8Array;
  /** Copies the array into a new tensor. Throws when shape, type and length do not agree. */
  tensorFromBytes(shape: readonly number[], dtype: number, data: HostArray): number;
  registerFunction(functionDef: Uint8Array): void;
  removeFunction(name: string): void;
  callFunction(name: string, config: Uint8Array, inputs: Int32Array, outputs: number): Int32Array;
  /** As `callFunction`, on a worker thread. */
  callFunctionAsync(
    name: string,
    config: Uint8Array,
    inputs: Int32Array,
    outputs: number,
  ): Promise<Int32Array>;
}
