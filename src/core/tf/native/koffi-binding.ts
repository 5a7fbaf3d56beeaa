/**
 * The addon's interface without a compiler: the same calls of TensorFlow's C API, made from JavaScript through koffi's
 * prebuilt foreign-function interface. It must behave as `native/straylight_addon.cc` does, message for message.
 */
import {
  AttributeType,
  DataType,
  type Attribute,
  type HostArray,
  type NativeBinding,
} from './binding.ts';
import { loadTensorflow, type Pointer, type TensorflowC } from './tensorflow-c.ts';

/** TF_DataType values that only tfjs asks for, by the names of tfjs-node's exports. */
const TFJS_CONSTANTS = {
  TF_FLOAT: DataType.float32,
  TF_INT32: DataType.int32,
  TF_INT64: 9,
  TF_BOOL: DataType.bool,
  TF_COMPLEX64: 8,
  TF_STRING: 7,
  TF_RESOURCE: DataType.resource,
  TF_UINT8: DataType.uint8,
  TF_ATTR_STRING: AttributeType.string,
  TF_ATTR_INT: AttributeType.int,
  TF_ATTR_FLOAT: AttributeType.float,
  TF_ATTR_BOOL: AttributeType.bool,
  TF_ATTR_TYPE: AttributeType.type,
  TF_ATTR_SHAPE: AttributeType.shape,
};

/** Of what `tensorFromBytes` takes and `tensorDataSync` gives. */
const ARRAY_TYPES: ReadonlyMap<
  number,
  Float32ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor
> = new Map<number, Float32ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor>([
  [DataType.float32, Float32Array],
  [DataType.int32, Int32Array],
  [DataType.uint8, Uint8Array],
  [DataType.bool, Uint8Array],
]);

const int64 = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);

export class KoffiBinding implements NativeBinding {
  readonly TF_Version: string;
  private readonly c: TensorflowC;
  /** Of the calls that run on this thread, one after the other. */
  private readonly status: Pointer;
  private readonly context: Pointer;
  /** Where float tensors go: the GPU where there is one. */
  private readonly device: string;
  private readonly onGpu: boolean;
  private readonly handles = new Map<number, Pointer>();
  private nextId = 0;

  /**
   * @param folder with TensorFlow's two libraries
   * @throws Error when they do not load
   */
  constructor(folder: string) {
    const c = loadTensorflow(folder);
    this.c = c;
    Object.assign(this, TFJS_CONSTANTS);
    this.status = c.newStatus();
    this.TF_Version = c.version();
    const options = c.newContextOptions();
    this.context = c.newContext(options, this.status);
    c.deleteContextOptions(options);
    this.check('creating the context');

    const devices = c.listDevices(this.context, this.status);
    this.check('listing the devices');
    let cpu = '';
    let gpu = '';
    for (let i = 0; i < c.deviceCount(devices); i++) {
      const type = c.deviceType(devices, i, this.status);
      if (type === 'CPU') cpu ||= c.deviceName(devices, i, this.status);
      if (type === 'GPU') gpu ||= c.deviceName(devices, i, this.status);
    }
    c.deleteDeviceList(devices);
    this.onGpu = gpu !== '';
    this.device = gpu || cpu;
  }

  isUsingGpuDevice(): boolean {
    return this.onGpu;
  }

  getNumOfTensors(): number {
    return this.handles.size;
  }

  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): { readonly id: number; readonly dtype: number; readonly shape: readonly number[] }[] {
    const { c } = this;
    const op = this.prepare(name, inputs);
    try {
      for (const attribute of attributes) this.setAttribute(op, attribute);
      return this.execute(name, op, outputs).map((handle) => {
        const shape = Array.from({ length: c.handleRank(handle, this.status) }, (_, i) =>
          c.handleDimension(handle, i, this.status),
        );
        return { id: this.insert(handle), dtype: c.handleType(handle), shape };
      });
    } finally {
      c.deleteOp(op);
    }
  }

  deleteTensor(id: number): void {
    this.c.deleteHandle(this.handleOf(id));
    this.handles.delete(id);
  }

  tensorDataSync(id: number): HostArray {
    const { c } = this;
    const handle = this.handleOf(id);
    const dtype = c.handleType(handle);
    const ArrayType = ARRAY_TYPES.get(dtype);
    if (!ArrayType) throw new Error(`Tensors of the data type ${dtype} cannot be read`);
    const tensor = c.resolveHandle(handle, this.status);
    this.check('reading a tensor');
    try {
      const data = new ArrayType(c.tensorByteSize(tensor) / ArrayType.BYTES_PER_ELEMENT);
      if (data.byteLength > 0) c.copyMemory(data, c.tensorData(tensor), data.byteLength);
      return data;
    } finally {
      c.deleteTensor(tensor);
    }
  }

  /** tfjs-node's name for `tensorFromBytes`. */
  createTensor(shape: readonly number[], dtype: number, data: HostArray): number {
    return this.tensorFromBytes(shape, dtype, data);
  }

  opList(): Uint8Array {
    const { c } = this;
    const buffer = c.allOpList();
    const { data, length } = c.readBuffer(buffer);
    const bytes = new Uint8Array(length);
    c.copyMemory(bytes, data, length);
    c.deleteBuffer(buffer);
    return bytes;
  }

  tensorFromBytes(shape: readonly number[], dtype: number, data: HostArray): number {
    const { c } = this;
    for (const size of shape)
      if (!Number.isSafeInteger(size) || size < 0)
        throw new Error('shape must hold non-negative integers');
    const ArrayType = ARRAY_TYPES.get(dtype);
    if (!ArrayType || !(data instanceof ArrayType))
      throw new Error("the typed array does not match the tensor's data type");
    const elements = shape.reduce((product, size) => product * size, 1);
    if (data.length !== elements)
      throw new Error(`the shape asks for ${elements} elements, the array holds ${data.length}`);

    const tensor = c.allocateTensor(dtype, int64(shape), shape.length, data.byteLength);
    if (tensor === null) throw new Error(`out of memory for a tensor of ${data.byteLength} bytes`);
    if (data.byteLength > 0) c.copyMemory(c.tensorData(tensor), data, data.byteLength);
    const handle = c.newHandle(tensor, this.status);
    c.deleteTensor(tensor);
    this.check('creating a tensor');
    // int32 stays in host memory, where GPU kernels expect shapes and indices (as tfjs-node does).
    if (!this.onGpu || dtype === DataType.int32) return this.insert(handle);
    const copied = c.copyToDevice(handle, this.context, this.device, this.status);
    c.deleteHandle(handle);
    this.check('copying a tensor to the device');
    return this.insert(copied);
  }

  registerFunction(functionDef: Uint8Array): void {
    this.c.addFunction(this.context, functionDef, functionDef.length, this.status);
    this.check('registering a function');
  }

  removeFunction(name: string): void {
    this.c.removeFunction(this.context, name, this.status);
    this.check('removing a function');
  }

  callFunction(name: string, config: Uint8Array, inputs: Int32Array, outputs: number): Int32Array {
    const op = this.prepareCall(name, config, inputs);
    try {
      return Int32Array.from(this.execute(name, op, outputs), (handle) => this.insert(handle));
    } finally {
      this.c.deleteOp(op);
    }
  }

  callFunctionAsync(
    name: string,
    config: Uint8Array,
    inputs: Int32Array,
    outputs: number,
  ): Promise<Int32Array> {
    const { c } = this;
    const op = this.prepareCall(name, config, inputs);
    const results = new BigUint64Array(outputs);
    const count = Int32Array.of(outputs);
    const status = c.newStatus();
    return new Promise((resolve, reject) => {
      c.execute.async(op, results, count, status, (error) => {
        c.deleteOp(op);
        const failed = error === null && c.code(status) !== 0 ? c.message(status) : null;
        c.deleteStatus(status);
        if (error) reject(error);
        else if (failed !== null) reject(new Error(`${name}: ${failed}`));
        else resolve(Int32Array.from([...results], (handle) => this.insert(handle)));
      });
    });
  }

  /** An op that holds its own references to its inputs. */
  private prepare(name: string, inputs: Iterable<number>): Pointer {
    const { c } = this;
    const op = c.newOp(this.context, name, this.status);
    this.check(name);
    try {
      let index = 0;
      for (const id of inputs) {
        const handle = this.handles.get(id);
        if (handle === undefined)
          throw new Error(`${name}: input ${index} is not a live tensor (id ${id})`);
        c.addInput(op, handle, this.status);
        this.check(name);
        index++;
      }
      return op;
    } catch (error) {
      c.deleteOp(op);
      throw error;
    }
  }

  private prepareCall(name: string, config: Uint8Array, inputs: Int32Array): Pointer {
    const op = this.prepare(name, inputs);
    // Graph rewrites and the executor are read from the call, not from the function.
    this.c.setString(op, 'config_proto', config, config.length);
    this.c.setString(op, 'executor_type', Buffer.alloc(0), 0);
    return op;
  }

  private execute(name: string, op: Pointer, outputs: number): Pointer[] {
    const results = new BigUint64Array(outputs);
    this.c.execute(op, results, Int32Array.of(outputs), this.status);
    this.check(name);
    return [...results];
  }

  private setAttribute(op: Pointer, { name, type, value }: Attribute): void {
    const { c } = this;
    switch (type) {
      case AttributeType.string: {
        const bytes = Buffer.from(value as string);
        c.setString(op, name, bytes, bytes.length);
        return;
      }
      case AttributeType.int:
        if (Array.isArray(value)) c.setInts(op, name, int64(value as number[]), value.length);
        else c.setInt(op, name, value as number);
        return;
      case AttributeType.float:
        c.setFloat(op, name, value as number);
        return;
      case AttributeType.bool:
        c.setBool(op, name, value === true ? 1 : 0);
        return;
      case AttributeType.type:
        c.setType(op, name, value as number);
        return;
      case AttributeType.shape: {
        const shape = value as readonly number[];
        c.setShape(op, name, int64(shape), shape.length, this.status);
        this.check(name);
        return;
      }
      default:
        throw new Error(`Attribute ${name} has the unknown type ${type}`);
    }
  }

  private insert(handle: Pointer): number {
    const id = this.nextId++;
    this.handles.set(id, handle);
    return id;
  }

  private handleOf(id: number): Pointer {
    const handle = this.handles.get(id);
    if (handle === undefined) throw new Error(`There is no live tensor with the id ${id}`);
    return handle;
  }

  /** Throws what TensorFlow reported. */
  private check(what: string): void {
    if (this.c.code(this.status) !== 0) throw new Error(`${what}: ${this.c.message(this.status)}`);
  }
}
