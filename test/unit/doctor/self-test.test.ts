import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  conv2dReference,
  matMulReference,
  maxAbsError,
  randomDense,
} from '../../../src/core/doctor/reference.ts';
import { runSelfTest } from '../../../src/core/doctor/self-test.ts';
import { isHealthy } from '../../../src/core/doctor/format.ts';
import type { DoctorReport } from '../../../src/core/doctor/report.ts';

const dense = (shape: readonly number[], values: readonly number[]) => ({
  shape,
  values: Float32Array.from(values),
});

describe('the plain reference', () => {
  it('multiplies matrices', () => {
    const product = matMulReference(
      dense([2, 3], [1, 2, 3, 4, 5, 6]),
      dense([3, 2], [7, 8, 9, 10, 11, 12]),
    );
    expect([...product.values]).toEqual([58, 64, 139, 154]);
  });

  it('convolves without flipping the kernel and pads with zeros', () => {
    const x = dense([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The kernel picks the neighbour above.
    const above = dense([3, 3, 1, 1], [0, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect([...conv2dReference(x, above).values]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6]);
    const ones = dense([3, 3, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect([...conv2dReference(x, ones).values]).toEqual([12, 21, 16, 27, 45, 33, 24, 39, 28]);
  });

  it('sums over input channels', () => {
    const kernel = dense([1, 1, 2, 1], [10, 1]);
    expect([...conv2dReference(dense([1, 1, 2, 2], [1, 2, 3, 4]), kernel).values]).toEqual([
      12, 34,
    ]);
  });

  it('calls a value that is not a number an infinite error', () => {
    expect(maxAbsError([1, NaN], [1, 1])).toBe(Infinity);
    expect(maxAbsError([1, 2.5], [1, 2])).toBe(0.5);
    expect(randomDense([2, 2], 7)).toEqual(randomDense([2, 2], 7));
  });
});

const tfjsNode = 'node_modules/@tensorflow/tfjs-node';
const addon = existsSync(`${tfjsNode}/lib/napi-v8/tfjs_binding.node`);
const library = existsSync(`${tfjsNode}/deps/lib`);
describe('the self-test', () => {
  const passes = async (
    device: 'cpu' | 'wasm',
    binding: 'addon' | 'koffi' | null,
  ): Promise<void> => {
    const selfTest = await runSelfTest({
      device,
      nodePath: process.execPath,
      env: { ...process.env, ...(binding ? { STRAYLIGHT_BINDING: binding } : {}) },
    });
    expect(selfTest).toMatchObject({ status: 'ran', tier: device, binding });
    expect(isHealthy({ selfTest } as DoctorReport)).toBe(true);
  };

  it('passes on wasm', () => passes('wasm', null));
  it.skipIf(!addon)('passes on cpu through the addon (needs a compiler at set-up)', () =>
    passes('cpu', 'addon'),
  );
  it.skipIf(!library)('passes on cpu through koffi (needs TensorFlow’s library)', () =>
    passes('cpu', 'koffi'),
  );
});
