/** Plain loops in double precision, straight from the definitions: what a tier is compared with. */
import { Random } from '../random.ts';

/** A dense tensor in row-major order. */
export interface Dense {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Values in [-1, 1), the same for the same seed. */
export function randomDense(shape: readonly number[], seed: number): Dense {
  const random = new Random(seed);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, values: Float32Array.from({ length: size }, () => 2 * random.uniform() - 1) };
}

/** `[m, k]` by `[k, n]` gives `[m, n]`. */
export function matMulReference(a: Dense, b: Dense): Dense {
  const [m = 0, k = 0] = a.shape;
  const n = b.shape[1] ?? 0;
  const values = new Float32Array(m * n);
  for (let row = 0; row < m; row++)
    for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += a.values[row * k + i]! * b.values[i * n + column]!;
      values[row * n + column] = sum;
    }
  return { shape: [m, n], values };
}

/**
 * 2-D cross-correlation with stride 1 and zero padding that keeps the size (`same`), for odd kernels.
 * @param x `[batch, height, width, inputs]`
 * @param kernel `[kernelHeight, kernelWidth, inputs, outputs]`
 * @returns `[batch, height, width, outputs]`
 */
export function conv2dReference(x: Dense, kernel: Dense): Dense {
  const [batch = 0, height = 0, width = 0, inputs = 0] = x.shape;
  const [kernelHeight = 0, kernelWidth = 0, , outputs = 0] = kernel.shape;
  const top = (kernelHeight - 1) / 2;
  const left = (kernelWidth - 1) / 2;
  const values = new Float32Array(batch * height * width * outputs);
  let at = 0;
  for (let image = 0; image < batch; image++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        for (let output = 0; output < outputs; output++) {
          let sum = 0;
          for (let i = 0; i < kernelHeight; i++)
            for (let j = 0; j < kernelWidth; j++) {
              const y = row + i - top;
              const z = column + j - left;
              if (y < 0 || y >= height || z < 0 || z >= width) continue;
              const pixel = ((image * height + y) * width + z) * inputs;
              const tap = (i * kernelWidth + j) * inputs;
              for (let input = 0; input < inputs; input++)
                sum += x.values[pixel + input]! * kernel.values[(tap + input) * outputs + output]!;
            }
          values[at++] = sum;
        }
  return { shape: [batch, height, width, outputs], values };
}

/** Largest absolute difference; Infinity when the sizes differ or a value is not a number. */
export function maxAbsError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Infinity;
    if (difference > largest) largest = difference;
  }
  return largest;
}
