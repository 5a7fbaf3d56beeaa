import { AppError } from '../errors.ts';
import { allFinite, type HostTensor } from './host-tensor.ts';
import type { Shape } from './kernels.ts';

/**
 * The array for one parameter.
 * @throws AppError `invalid-model` when it is missing, has another shape, is cut off, or is not all finite numbers
 */
export function valueFor(
  name: string,
  shape: Shape,
  values: ReadonlyMap<string, HostTensor>,
): Float32Array {
  const value = values.get(name);
  if (!value)
    throw new AppError(
      'invalid-model',
      `The weights do not fit this network: "${name}" is missing.`,
    );
  if (value.shape.join() !== shape.join())
    throw new AppError(
      'invalid-model',
      `The weights do not fit this network: "${name}" has the shape [${value.shape.join(', ')}], the network needs [${shape.join(', ')}].`,
    );
  const needed = shape.reduce((product, length) => product * length, 1);
  if (value.data.length !== needed)
    throw new AppError(
      'invalid-model',
      `The weights are damaged: "${name}" holds ${value.data.length} numbers, its shape [${shape.join(', ')}] needs ${needed}.`,
    );
  // One NaN in the weights makes every output NaN, without a word from TensorFlow.
  if (!allFinite(value.data))
    throw new AppError(
      'invalid-model',
      `The weights are damaged: "${name}" holds a value that is not a finite number. Use another checkpoint or train again.`,
    );
  return value.data;
}

/** Looks at every array before any is used, so that weights that do not fit change nothing. */
export function checkWeights(
  parameters: Iterable<{ readonly name: string; readonly shape: Shape }>,
  values: ReadonlyMap<string, HostTensor>,
): void {
  for (const { name, shape } of parameters) valueFor(name, shape, values);
}
