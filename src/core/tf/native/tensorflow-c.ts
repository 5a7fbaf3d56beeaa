/** TensorFlow's C API (tensorflow/c/c_api.h, tensorflow/c/eager/c_api.h), called through koffi. */
import path from 'node:path';
import koffi from 'koffi';

/** The address of something in C; null is NULL. */
export type Pointer = bigint | null;
/** What C may read or write in place. */
export type Memory = Pointer | NodeJS.ArrayBufferView;

/**
 * koffi runs C on stacks of its own, 128 KiB for asynchronous calls. TensorFlow instantiates and optimises whole
 * graphs on the caller's stack, for which its own threads have megabytes.
 */
const STACK_BYTES = 8 * 2 ** 20;

const libraryNames = (): readonly [framework: string, main: string] =>
  process.platform === 'darwin'
    ? ['libtensorflow_framework.2.dylib', 'libtensorflow_cc.2.dylib']
    : ['libtensorflow_framework.so.2', 'libtensorflow_cc.so.2'];

/** RTLD_NOW, the same on Linux and macOS. */
const LOAD_NOW = 2;

/**
 * Loads TensorFlow's two libraries.
 * @param folder that holds them
 * @throws Error when one is missing or does not load here
 */
export function loadTensorflow(folder: string) {
  koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  const [framework, main] = libraryNames();
  const libraries = [
    // Symbols are split between the two; the second finds the first among the global ones.
    koffi.load(path.join(folder, framework), { global: true }),
    koffi.load(path.join(folder, main), { global: true }),
  ];
  const self = koffi.load(null);
  // koffi closes libraries when the process ends, while TensorFlow's threads still run in them: a second reference
  // keeps them in place.
  const keep = self.func('void *dlopen(const char *path, int flags)') as (
    file: string,
    flags: number,
  ) => Pointer;
  for (const name of [framework, main]) keep(path.join(folder, name), LOAD_NOW);

  /** Declares a function of either library. */
  function c<Arguments extends readonly unknown[], Result>(definition: string) {
    let failure: unknown;
    for (const library of libraries)
      try {
        return library.func(definition) as unknown as {
          (...args: Arguments): Result;
          async(...args: [...Arguments, (error: Error | null, result: Result) => void]): void;
        };
      } catch (error) {
        failure = error;
      }
    throw failure;
  }

  return {
    newStatus: c<[], Pointer>('void *TF_NewStatus()'),
    deleteStatus: c<[Pointer], undefined>('void TF_DeleteStatus(void *status)'),
    code: c<[Pointer], number>('int TF_GetCode(void *status)'),
    message: c<[Pointer], string>('const char *TF_Message(void *status)'),
    version: c<[], string>('const char *TF_Version()'),

    allOpList: c<[], Pointer>('void *TF_GetAllOpList()'),
    deleteBuffer: c<[Pointer], undefined>('void TF_DeleteBuffer(void *buffer)'),

    allocateTensor: c<[number, Memory, number, number], Pointer>(
      'void *TF_AllocateTensor(int dtype, const void *dims, int num_dims, size_t len)',
    ),
    tensorData: c<[Pointer], Pointer>('void *TF_TensorData(void *tensor)'),
    tensorByteSize: c<[Pointer], number>('size_t TF_TensorByteSize(void *tensor)'),
    deleteTensor: c<[Pointer], undefined>('void TF_DeleteTensor(void *tensor)'),

    newContextOptions: c<[], Pointer>('void *TFE_NewContextOptions()'),
    deleteContextOptions: c<[Pointer], undefined>('void TFE_DeleteContextOptions(void *options)'),
    newContext: c<[Pointer, Pointer], Pointer>('void *TFE_NewContext(void *options, void *status)'),
    listDevices: c<[Pointer, Pointer], Pointer>(
      'void *TFE_ContextListDevices(void *context, void *status)',
    ),
    deviceCount: c<[Pointer], number>('int TF_DeviceListCount(void *list)'),
    deviceName: c<[Pointer, number, Pointer], string>(
      'const char *TF_DeviceListName(void *list, int index, void *status)',
    ),
    deviceType: c<[Pointer, number, Pointer], string>(
      'const char *TF_DeviceListType(void *list, int index, void *status)',
    ),
    deleteDeviceList: c<[Pointer], undefined>('void TF_DeleteDeviceList(void *list)'),

    newHandle: c<[Pointer, Pointer], Pointer>(
      'void *TFE_NewTensorHandle(void *tensor, void *status)',
    ),
    deleteHandle: c<[Pointer], undefined>('void TFE_DeleteTensorHandle(void *handle)'),
    handleType: c<[Pointer], number>('int TFE_TensorHandleDataType(void *handle)'),
    handleRank: c<[Pointer, Pointer], number>(
      'int TFE_TensorHandleNumDims(void *handle, void *status)',
    ),
    handleDimension: c<[Pointer, number, Pointer], number>(
      'int64_t TFE_TensorHandleDim(void *handle, int index, void *status)',
    ),
    resolveHandle: c<[Pointer, Pointer], Pointer>(
      'void *TFE_TensorHandleResolve(void *handle, void *status)',
    ),
    copyToDevice: c<[Pointer, Pointer, string, Pointer], Pointer>(
      'void *TFE_TensorHandleCopyToDevice(void *handle, void *context, const char *device, void *status)',
    ),

    addFunction: c<[Pointer, Memory, number, Pointer], undefined>(
      'void TFE_ContextAddFunctionDef(void *context, const void *bytes, size_t size, void *status)',
    ),
    removeFunction: c<[Pointer, string, Pointer], undefined>(
      'void TFE_ContextRemoveFunction(void *context, const char *name, void *status)',
    ),
    newOp: c<[Pointer, string, Pointer], Pointer>(
      'void *TFE_NewOp(void *context, const char *name, void *status)',
    ),
    deleteOp: c<[Pointer], undefined>('void TFE_DeleteOp(void *op)'),
    addInput: c<[Pointer, Pointer, Pointer], undefined>(
      'void TFE_OpAddInput(void *op, void *handle, void *status)',
    ),
    /** `outputs` and `count` are written in place. */
    execute: c<[Pointer, BigUint64Array, Int32Array, Pointer], undefined>(
      'void TFE_Execute(void *op, void *outputs, void *count, void *status)',
    ),
    setString: c<[Pointer, string, Memory, number], undefined>(
      'void TFE_OpSetAttrString(void *op, const char *name, const void *value, size_t length)',
    ),
    setInt: c<[Pointer, string, number], undefined>(
      'void TFE_OpSetAttrInt(void *op, const char *name, int64_t value)',
    ),
    setInts: c<[Pointer, string, Memory, number], undefined>(
      'void TFE_OpSetAttrIntList(void *op, const char *name, const void *values, int count)',
    ),
    setFloat: c<[Pointer, string, number], undefined>(
      'void TFE_OpSetAttrFloat(void *op, const char *name, float value)',
    ),
    setBool: c<[Pointer, string, number], undefined>(
      'void TFE_OpSetAttrBool(void *op, const char *name, uint8_t value)',
    ),
    setType: c<[Pointer, string, number], undefined>(
      'void TFE_OpSetAttrType(void *op, const char *name, int value)',
    ),
    setShape: c<[Pointer, string, Memory, number, Pointer], undefined>(
      'void TFE_OpSetAttrShape(void *op, const char *name, const void *dims, int num_dims, void *status)',
    ),

    /** Of the process itself, so that no library need be named. */
    copyMemory: self.func('void *memcpy(void *to, const void *from, size_t bytes)') as (
      to: Memory,
      from: Memory,
      bytes: number,
    ) => Pointer,
    /** The two first fields of a TF_Buffer. */
    readBuffer: (buffer: Pointer): { readonly data: Pointer; readonly length: number } => ({
      data: koffi.decode(buffer, 'void *') as Pointer,
      length: Number(koffi.decode(buffer, 8, 'size_t')),
    }),
  };
}

export type TensorflowC = ReturnType<typeof loadTensorflow>;
