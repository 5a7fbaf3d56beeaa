import type { Algebra } from '../linalg/algebra.ts';
import type { Runtime } from '../tf/runtime.ts';

/**
 * What multiplies large matrices for detectors. WebAssembly would compute on the thread that answers the window, so
 * there the detectors' own threads do it, in JavaScript.
 */
export const fastAlgebra = (runtime: Runtime): Algebra | undefined =>
  runtime.tier === 'wasm' ? undefined : runtime.algebra();
