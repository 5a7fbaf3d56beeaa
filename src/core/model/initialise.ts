/** Fresh weights. */
import { Random } from '../random.ts';
import type { HostTensor } from '../tf/host-tensor.ts';
import { summariseNetwork, type Architecture } from './architecture.ts';
import type { Parameter } from './layers.ts';

function fill({ shape, initialiser }: Parameter, random: Random): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  switch (initialiser) {
    case 'he-fan-out': {
      const [kernel, , , out] = shape as [number, number, number, number];
      const deviation = Math.sqrt(2 / (kernel * kernel * out));
      return data.map(() => deviation * random.normal());
    }
    case 'uniform-fan-in': {
      const bound = 1 / Math.sqrt(shape[0]!);
      return data.map(() => bound * (2 * random.uniform() - 1));
    }
    case 'zeros':
      return data;
    case 'ones':
      return data.fill(1);
  }
}

/** Every parameter by name. Same architecture and seed, same numbers on every platform. */
export function initialiseWeights(
  architecture: Architecture,
  seed: number,
): Map<string, HostTensor> {
  return new Map(
    summariseNetwork(architecture).parameters.map((parameter, i) => [
      parameter.name,
      { shape: parameter.shape, data: fill(parameter, new Random(seed, i)) },
    ]),
  );
}
