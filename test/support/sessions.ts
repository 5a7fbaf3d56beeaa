/** Small networks and batches for tests of sessions and of training. */
import { architectureOf, type Architecture } from '../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../src/core/model/initialise.ts';
import { Random } from '../../src/core/random.ts';
import type { HostTensor } from '../../src/core/tf/host-tensor.ts';
import type { SessionSpec } from '../../src/core/tf/runtime.ts';
import type { TrainingBatch } from '../../src/core/tf/session.ts';
import { sparsity } from '../../src/core/train/objectives/sparsity.ts';

export const tinyNetwork = (options: { classes?: number; dropout?: number } = {}): Architecture =>
  architectureOf('wrn-10-1', { classes: 4, inputSize: 16, ...options });

/** A WRN-10-1 for 16 pixels and 4 classes, sparse objective, SGD as in the `authors` preset. */
export function tinySpec(
  { dropout = 0, seed = 7 }: { dropout?: number; seed?: number } = {},
  changes: Partial<SessionSpec> = {},
): SessionSpec {
  const architecture = tinyNetwork({ dropout });
  return {
    architecture,
    normalisation: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] },
    objective: sparsity('features'),
    sgd: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    weights: initialiseWeights(architecture, seed),
    ...changes,
  };
}

/** Random pixels `[count, size, size, 3]`. */
export const randomPixels = (count: number, size = 16, seed = 1): Uint8Array => {
  const random = new Random(seed);
  return Uint8Array.from({ length: count * size * size * 3 }, () => random.integer(256));
};

/** A batch of random 16-pixel images of 4 classes; `step` decides pixels and dropout. */
export const tinyBatch = (
  step: number,
  changes: Partial<TrainingBatch> & { readonly count?: number } = {},
): TrainingBatch => {
  const count = changes.count ?? 6;
  return {
    pixels: randomPixels(count, 16, 100 + step),
    labels: Int32Array.from({ length: count }, (_, i) => (i + step) % 4),
    count,
    learningRate: 0.05,
    scalars: { lambda: 0.02 },
    dropoutSeed: [12345, step],
    ...changes,
  };
};

/** The bytes of every array by name, so that equality is bit by bit. */
export const bitsOf = (values: ReadonlyMap<string, HostTensor>): Record<string, string> =>
  Object.fromEntries(
    [...values].map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );
