import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Algebra } from '../../../src/core/linalg/algebra.ts';
import { plainAlgebra } from '../../../src/core/linalg/plain-algebra.ts';
import { Random } from '../../../src/core/random.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';

const native = nativeRuntime();
const koffi = nativeRuntime('koffi');

interface Way {
  readonly name: string;
  readonly missing: string | null;
  readonly runtime: () => Promise<Runtime> | Runtime | null;
}

const ofNative = (name: string, found: ReturnType<typeof nativeRuntime>): Way =>
  'missing' in found
    ? { name: `${name} (skipped: ${found.missing})`, missing: found.missing, runtime: () => null }
    : { name, missing: null, runtime: () => found.runtime };

const ways: readonly Way[] = [
  { name: 'plain JavaScript', missing: null, runtime: () => null },
  { name: 'tfjs on wasm', missing: null, runtime: wasmRuntime },
  ofNative('TensorFlow', native),
  ofNative('TensorFlow through koffi', koffi),
];

for (const { name, missing, runtime } of ways)
  describe.skipIf(missing !== null)(`products by ${name}`, () => {
    let algebra: Algebra;
    let loaded: Runtime | null;
    let before = 0;

    beforeAll(async () => {
      loaded = await runtime();
      before = loaded?.liveTensors() ?? 0;
      algebra = loaded?.algebra() ?? plainAlgebra;
    });
    afterAll(() => {
      algebra.dispose();
      expect(loaded?.liveTensors() ?? before).toBe(before);
    });

    // [1 2; 3 4; 0 -1] · [5 6 7; 8 9 10], by hand.
    const a = Float32Array.of(1, 2, 3, 4, 0, -1);
    const product = [21, 24, 27, 47, 54, 61, -8, -9, -10];

    it('a · b', async () => {
      const b = algebra.prepare(Float32Array.of(5, 6, 7, 8, 9, 10), { inner: 2, columns: 3 });
      const result = await b.multiply(a, 3);
      expect(result).toBeInstanceOf(Float32Array);
      expect(Array.from(result)).toEqual(product);
      expect(Array.from(await b.multiply(a.subarray(2, 4), 1))).toEqual(product.slice(3, 6));
    });

    it('a · bᵀ', async () => {
      const b = algebra.prepare(Float32Array.of(5, 8, 6, 9, 7, 10), { inner: 2, columns: 3 }, true);
      expect(Array.from(await b.multiply(a, 3))).toEqual(product);
    });

    it('in float64 when b is: 1/3 keeps its digits', async () => {
      const b = algebra.prepare(Float64Array.of(1 / 3, 2 ** 40, 1 / 7, 1), {
        inner: 2,
        columns: 2,
      });
      const result = await b.multiply(Float32Array.of(1, 0, 3, 1), 2);
      expect(result).toBeInstanceOf(Float64Array);
      expect(Array.from(result)).toEqual([1 / 3, 2 ** 40, 1 + 1 / 7, 3 * 2 ** 40 + 1]);
    });

    it('aᵀ · a in float64: small numbers beside large ones are not lost', async () => {
      const result = await algebra.gram(Float32Array.of(2 ** 13, 1, 1, 2, 0, 3), 3, 2);
      // 2^26 + 1 has no float32.
      expect(Array.from(result)).toEqual([2 ** 26 + 1, 2 ** 13 + 2, 2 ** 13 + 2, 14]);
    });

    it('is what plain JavaScript gives, on shapes that are no multiple of anything', async () => {
      const random = new Random(7);
      const values = (n: number) => Float32Array.from({ length: n }, () => random.normal());
      const [x, y] = [values(37 * 53), values(53 * 29)];
      const shape = { inner: 53, columns: 29 };
      const ours = await algebra.prepare(y, shape, true).multiply(x, 37);
      const expected = await plainAlgebra.prepare(y, shape, true).multiply(x, 37);
      for (const [i, value] of expected.entries()) expect(ours[i]).toBeCloseTo(value, 4);
    });

    it('takes the same array again without keeping it twice', async () => {
      const b = Float32Array.of(2, 0, 0, 2);
      const shape = { inner: 2, columns: 2 };
      const once = algebra.prepare(b, shape);
      await once.multiply(a, 3);
      const tensors = loaded?.liveTensors();
      const again = algebra.prepare(b, shape);
      expect(Array.from(await again.multiply(a, 3))).toEqual([2, 4, 6, 8, 0, -2]);
      expect(loaded?.liveTensors()).toBe(tensors);
    });
  });

describe.skipIf('missing' in native)('TensorFlow', () => {
  it('refuses work after it was disposed of', async () => {
    if ('missing' in native) throw new Error(native.missing);
    const algebra = native.runtime.algebra();
    const b = algebra.prepare(Float32Array.of(1), { inner: 1, columns: 1 });
    algebra.dispose();
    await expect(b.multiply(Float32Array.of(1), 1)).rejects.toThrow(/disposed of/);
  });
});
