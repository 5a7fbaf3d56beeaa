import type { Shape } from './kernels.ts';

/** An array of float32 in JavaScript memory, row-major. */
export interface HostTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** False when there is a NaN or an infinity. About a nanosecond a number: no calls, no branches. */
export function allFinite(data: Float32Array): boolean {
  let sum = 0;
  // x - x is 0 for finite x and NaN for the others, and NaN stays in a sum.
  for (let i = 0; i < data.length; i++) sum += data[i]! - data[i]!;
  return sum === 0;
}
