/** This project's engine as a peer of the benchmark. Usage: straylight-peer.ts THREADS */
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { Random } from '../../../src/core/random.ts';
import { loadRuntime } from '../../../src/core/tf/runtime.ts';
import { crossEntropy } from '../../../src/core/train/objectives/cross-entropy.ts';
import { architectureFor, CLASSES } from '../cases.ts';
import { serve } from './serve.ts';

const threads = Number(process.argv[2]);
const { runtime } = await loadRuntime({ threads });

await serve(`TensorFlow ${runtime.tensorflowVersion}, ${runtime.tier}`, (what) => {
  const { batch, size, mode, precision } = what;
  const architecture = architectureFor(what);
  const session = runtime.createSession({
    architecture,
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    objective: crossEntropy,
    sgd: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    weights: initialiseWeights(architecture, 1),
    precision,
    forwardPrecision: precision,
  });
  const random = new Random(1);
  const pixels = Uint8Array.from({ length: batch * size * size * 3 }, () => random.integer(256));
  if (mode === 'infer') return () => session.forward(pixels, batch);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
  let step = 0;
  return () =>
    session.trainStep({
      pixels,
      labels,
      count: batch,
      learningRate: 0.01,
      scalars: {},
      dropoutSeed: [1, step++],
    });
});
