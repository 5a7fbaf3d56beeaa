import { AppError } from '../errors.ts';
import type { HostTensor } from './host-tensor.ts';
import type { Shape } from './kernels.ts';

/**
 * The array for one parameter.
 * @throws AppError `invalid-model` when it is missing or has another shape
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
  return value.data;
}
