/**
 * Ten thousand training steps of a tiny network: the number of live tensors must stay flat and memory must not grow.
 *
 *   [STRAYLIGHT_BINDING=koffi] npm run bench:soak -- [--steps 10000]
 *
 * Prints a line per 1,000 steps, then the slope of the resident set size over the second half, by least squares.
 */
import { parseArgs } from 'node:util';
import { architectureOf } from '../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../src/core/model/initialise.ts';
import { Random } from '../../src/core/random.ts';
import { loadRuntime } from '../../src/core/tf/runtime.ts';
import { sparsity } from '../../src/core/train/objectives/sparsity.ts';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '10000' } } });
const steps = Number(values.steps);
const every = 250;
const batchSize = 16;
const size = 8;

const { runtime } = await loadRuntime();
const architecture = architectureOf('wrn-10-1', { classes: 4, inputSize: size, dropout: 0.3 });
const session = runtime.createSession({
  architecture,
  normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  objective: sparsity('features'),
  sgd: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  weights: initialiseWeights(architecture, 1),
});
const random = new Random(1);
const pixels = Uint8Array.from({ length: batchSize * size * size * 3 }, () => random.integer(256));
const labels = Int32Array.from({ length: batchSize }, (_, i) => i % 4);

interface Sample {
  readonly step: number;
  readonly rssMB: number;
  readonly tensors: number;
}
const samples: Sample[] = [];
const startMs = performance.now();
for (let step = 1; step <= steps; step++) {
  await session.trainStep({
    pixels,
    labels,
    count: batchSize,
    learningRate: 0.01,
    scalars: { lambda: 0.02 },
    dropoutSeed: [1, step],
  });
  // What a real run does now and then: validation and a checkpoint.
  if (step % 100 === 0) {
    await session.forward(pixels, batchSize);
    session.readWeights();
    session.readVelocities();
  }
  if (step % every !== 0) continue;
  const sample = {
    step,
    rssMB: process.memoryUsage.rss() / 1e6,
    tensors: runtime.liveTensors(),
  };
  samples.push(sample);
  if (step % 1000 === 0)
    console.log(
      `step ${step}: rss ${sample.rssMB.toFixed(1)} MB, ${sample.tensors} live tensors, ${(step / ((performance.now() - startMs) / 1000)).toFixed(0)} steps/s`,
    );
}
session.dispose();

/** Least-squares slope in MB per 1,000 steps. */
function slope(of: readonly Sample[]): number {
  const meanStep = of.reduce((sum, { step }) => sum + step, 0) / of.length;
  const meanRss = of.reduce((sum, { rssMB }) => sum + rssMB, 0) / of.length;
  let numerator = 0;
  let denominator = 0;
  for (const { step, rssMB } of of) {
    numerator += (step - meanStep) * (rssMB - meanRss);
    denominator += (step - meanStep) ** 2;
  }
  return (1000 * numerator) / denominator;
}
const tensors = new Set(samples.map((sample) => sample.tensors));
const settled = slope(samples.slice(samples.length / 2));
console.log(
  `rss slope ${slope(samples).toFixed(2)} MB per 1,000 steps over all, ${settled.toFixed(2)} over the second half; live tensors ${tensors.size === 1 ? 'flat' : `not flat: ${[...tensors].join(', ')}`}`,
);
if (tensors.size !== 1 || !(settled < 1)) process.exitCode = 1;
