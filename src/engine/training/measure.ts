/** Learns this machine's speed by a few steps on random pixels. */
import { throwIfAborted } from '../../core/errors.ts';
import { architectureName, summariseNetwork } from '../../core/model/architecture.ts';
import { initialiseWeights } from '../../core/model/initialise.ts';
import { PhaseReporter } from '../../core/progress.ts';
import { Random } from '../../core/random.ts';
import type { Throughput } from '../../core/store/throughput.ts';
import type { Runtime } from '../../core/tf/runtime.ts';
import { objectiveOf, scalarsOf } from '../../core/train/config.ts';
import { outliersPer } from '../../core/train/outlier-stream.ts';
import type { TrainingRequest } from '../../core/workflow/train-model.ts';
import type { JobHooks } from '../jobs.ts';

/** The first steps build the program and warm caches up. */
const WARM_UP = 2;
const STEPS = 5;
/** A slow network gets fewer steps. */
const ENOUGH_MS = 15_000;

export async function measureThroughput(
  runtime: Runtime,
  { architecture, config }: TrainingRequest,
  { signal, onProgress }: Pick<JobHooks, 'signal' | 'onProgress'>,
): Promise<Throughput> {
  const { inputSize, classes } = architecture;
  const { batchSize: count, momentum, nesterov, weightDecay, precision } = config;
  const outlierCount = config.outliers ? outliersPer(config.outliers.ratio, count) : 0;
  const session = runtime.createSession({
    architecture,
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    objective: objectiveOf(config),
    sgd: { momentum, nesterov, weightDecay },
    precision,
    weights: initialiseWeights(architecture, 1),
  });
  const scalars = scalarsOf(config);
  const total = WARM_UP + STEPS;
  const reporter = new PhaseReporter({ phase: 'Measure', total, unit: 'steps', from: 0, to: 1, listener: onProgress }); // prettier-ignore
  try {
    const random = new Random(1);
    const pixels = new Uint8Array((count + outlierCount) * inputSize ** 2 * 3);
    for (let i = 0; i < pixels.length; i++) pixels[i] = random.integer(256);
    const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
    const times: number[] = [];
    const startMs = performance.now();
    for (let step = 0; step < total; step++) {
      throwIfAborted(signal);
      const stepMs = performance.now();
      // A rate of almost nothing keeps the loss finite whatever the network.
      await session.trainStep({ pixels, labels, count, outlierCount, learningRate: 1e-6, scalars, dropoutSeed: [1, step] }); // prettier-ignore
      if (step >= WARM_UP) times.push(performance.now() - stepMs);
      reporter.report(step + 1);
      if (times.length > 0 && performance.now() - startMs > ENOUGH_MS) break;
    }
    times.sort((a, b) => a - b);
    return {
      tier: runtime.tier,
      network: architectureName(architecture),
      inputSize,
      batchSize: count,
      precision,
      imagesPerSecond: (1000 * (count + outlierCount)) / times[times.length >> 1]!,
      multiplyAdds: summariseNetwork(architecture).multiplyAdds,
    };
  } finally {
    session.dispose();
  }
}
