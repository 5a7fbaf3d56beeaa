/**
 * The measurement's own process, because TensorFlow reads its number of threads once:
 * `node tune-probe.ts <device> <intraOp> <interOp> <batch sizes, comma-separated>` times training steps and prints JSON.
 */
import { architectureOf } from '../model/architecture.ts';
import { initialiseWeights } from '../model/initialise.ts';
import { Random } from '../random.ts';
import { loadRuntime, type Device } from '../tf/runtime.ts';
import { crossEntropy } from '../train/objectives/cross-entropy.ts';

/** What the process prints. */
export interface TuneProbe {
  readonly tensorflow: string;
  readonly steps: readonly { readonly batchSize: number; readonly medianMs: number }[];
}

/** Few enough to be quick, enough for a median that one disturbance does not move. */
const STEPS = 5;

const [device, intraOp, interOp, batchSizes = ''] = process.argv.slice(2);
process.env['TF_NUM_INTRAOP_THREADS'] = intraOp;
process.env['TF_NUM_INTEROP_THREADS'] = interOp;
const { runtime } = await loadRuntime({ device: device as Device });
const architecture = architectureOf('wrn-16-2', { classes: 10, inputSize: 32 });
const session = runtime.createSession({
  architecture,
  normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  objective: crossEntropy,
  sgd: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  weights: initialiseWeights(architecture, 1),
});
const random = new Random(1);
const steps: TuneProbe['steps'][number][] = [];
for (const batchSize of batchSizes.split(',').map(Number)) {
  const batch = {
    pixels: Uint8Array.from({ length: batchSize * 32 * 32 * 3 }, () => random.integer(256)),
    labels: Int32Array.from({ length: batchSize }, (_, i) => i % 10),
    count: batchSize,
    learningRate: 0.001,
    scalars: {},
    dropoutSeed: [1, 1] as const,
  };
  await session.trainStep(batch);
  const times: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    const startMs = performance.now();
    await session.trainStep(batch);
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  steps.push({ batchSize, medianMs: times[STEPS >> 1]! });
}
const result: TuneProbe = { tensorflow: runtime.tensorflowVersion, steps };
process.stdout.write(`\n${JSON.stringify(result)}\n`);
