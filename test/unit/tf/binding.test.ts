import { describe, expect, it } from 'vitest';
import { attribute, DataType } from '../../../src/core/tf/native/binding.ts';
import { Tracer } from '../../../src/core/tf/native/tracer.ts';
import { nativeRuntime } from '../../support/runtimes.ts';

/** What must be an exception on the way to TensorFlow, because there it would end the process. */
describe.each(['addon', 'koffi'] as const)('the binding through %s', (kind) => {
  const native = nativeRuntime(kind);
  const it_ = it.skipIf('missing' in native);
  const { binding, opDefs } = 'missing' in native ? ({} as never) : native.runtime;
  const { float32, int32, uint8 } = DataType;
  const config = new Uint8Array(0);

  /** y = x * w for 2x3 images of one channel: oneDNN's convolution aborts on a wrong shape. */
  function convolution(name: string): { name: string; free: () => void } {
    const tracer = new Tracer(name, opDefs);
    const x = tracer.input({ shape: [1, 2, 3, 1], dtype: float32 });
    const w = tracer.constant([1, 1, 1, 1], float32, Float32Array.of(2));
    const attributes = [
      attribute.type('T', float32),
      attribute.ints('strides', [1, 1, 1, 1]),
      attribute.string('padding', 'SAME'),
    ];
    const [y] = tracer.execute('Conv2D', attributes, [x, w], [{ shape: x.shape, dtype: float32 }]);
    binding.registerFunction(tracer.finish([y!]).definition);
    return { name, free: () => binding.removeFunction(name) };
  }

  it_('calls a function, at once and on another thread, with the same result', async () => {
    const before = binding.getNumOfTensors();
    const { name, free } = convolution(`convolution_${kind}`);
    const x = binding.tensorFromBytes([1, 2, 3, 1], float32, Float32Array.of(1, 2, 3, 4, 5, 6));
    const inputs = Int32Array.of(x);
    const [now] = binding.callFunction(name, config, inputs, 1);
    const [later] = await binding.callFunctionAsync(name, config, inputs, 1);
    for (const y of [now!, later!]) {
      expect([...binding.tensorDataSync(y)]).toEqual([2, 4, 6, 8, 10, 12]);
      binding.deleteTensor(y);
    }
    binding.deleteTensor(x);
    free();
    expect(binding.getNumOfTensors()).toBe(before);
  });

  it_('refuses an input of another shape or type, and lives on', async () => {
    const before = binding.getNumOfTensors();
    const { name, free } = convolution(`refusing_${kind}`);
    const wrong = [
      binding.tensorFromBytes([1, 3, 2, 1], float32, new Float32Array(6)),
      binding.tensorFromBytes([6], float32, new Float32Array(6)),
      binding.tensorFromBytes([0, 2, 3, 1], float32, new Float32Array(0)),
      binding.tensorFromBytes([1, 2, 3, 1], int32, new Int32Array(6)),
    ];
    for (const id of wrong) {
      const inputs = Int32Array.of(id);
      expect(() => binding.callFunction(name, config, inputs, 1)).toThrow(name);
      await expect(binding.callFunctionAsync(name, config, inputs, 1)).rejects.toThrow(name);
      binding.deleteTensor(id);
    }
    free();
    expect(binding.getNumOfTensors()).toBe(before);
  });

  it_(
    'refuses tensors that are not there, too few inputs, and functions that are not known',
    () => {
      const { name, free } = convolution(`lonely_${kind}`);
      const absent = Int32Array.of(1 << 30);
      expect(() => binding.callFunction(name, config, absent, 1)).toThrow(/not a live tensor/);
      expect(() => binding.callFunction(name, config, new Int32Array(0), 1)).toThrow(name);
      expect(() => binding.callFunction('nobody', config, absent, 1)).toThrow(/nobody/);
      expect(() => binding.tensorDataSync(1 << 30)).toThrow();
      expect(() => binding.deleteTensor(1 << 30)).toThrow();
      free();
    },
  );

  it_('refuses arrays that do not fit their shape or type, and bytes that are no function', () => {
    const before = binding.getNumOfTensors();
    expect(() => binding.tensorFromBytes([3], float32, new Float32Array(2))).toThrow(/asks for 3/);
    expect(() => binding.tensorFromBytes([2 ** 31, 2 ** 31], uint8, new Uint8Array(1))).toThrow();
    // 2^64 elements are 0 in 64 bits.
    expect(() => binding.tensorFromBytes([2 ** 32, 2 ** 32], uint8, new Uint8Array(0))).toThrow();
    expect(() => binding.tensorFromBytes([-1], float32, new Float32Array(1))).toThrow(/shape/);
    expect(() => binding.tensorFromBytes([1], int32, new Float32Array(1))).toThrow(/data type/);
    expect(() => binding.registerFunction(Uint8Array.of(1, 2, 3))).toThrow();
    expect(binding.getNumOfTensors()).toBe(before);
  });
});
