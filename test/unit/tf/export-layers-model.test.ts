import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { architectureOf } from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { Random } from '../../../src/core/random.ts';
import { exportLayersModel } from '../../../src/core/tf/export-layers-model.ts';
import { crossEntropy } from '../../../src/core/train/objectives/cross-entropy.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { wasmRuntime } from '../../support/runtimes.ts';

it('plain tfjs loads the export and computes the same logits and features', async () => {
  const random = new Random(4);
  const architecture = architectureOf('wrn-10-1', { classes: 4, inputSize: 15 });
  const normalisation = { mean: [0.3, 0.5, 0.4], std: [0.2, 0.3, 0.1] } as const;
  const weights = new Map(
    [...initialiseWeights(architecture, 2)].map(([name, { shape, data }]) => [
      name,
      // Running statistics and scales that are not 0 and 1, or their mix-up would not be seen.
      { shape, data: shape.length === 1 ? data.map(() => 0.5 + random.uniform()) : data },
    ]),
  );
  const pixels = Uint8Array.from({ length: 2 * 15 * 15 * 3 }, () => random.integer(256));
  const runtime = await wasmRuntime();
  const session = runtime.createSession({
    architecture,
    normalisation,
    objective: crossEntropy,
    sgd: { momentum: 0.9, nesterov: false, weightDecay: 0 },
    weights,
  });
  const expected = await session.forward(pixels, 2);

  const files = await exportLayersModel(architecture, normalisation, weights);
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof tfjs;
  await tf.setBackend('cpu');
  const { modelTopology, weightsManifest } = JSON.parse(
    Buffer.from(files['model.json']!).toString(),
  ) as { modelTopology: object; weightsManifest: [{ weights: tfjs.io.WeightsManifestEntry[] }] };
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: Uint8Array.from(files['weights.bin']!).buffer,
    }),
  );
  const [logits, features] = model.predict(
    tf.tensor4d(Float32Array.from(pixels), [2, 15, 15, 3]),
  ) as tfjs.Tensor[];
  expect(relativeError(logits!.dataSync(), expected.logits)).toBeLessThan(1e-5);
  expect(relativeError(features!.dataSync(), expected.features)).toBeLessThan(1e-5);
});
