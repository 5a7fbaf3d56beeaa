import type { Shape } from './kernels.ts';

/** An array of float32 in JavaScript memory, row-major. */
export interface HostTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}
