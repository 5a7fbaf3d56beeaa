/**
 * How long the engine's event loop is blocked during training: what a click in the window waits for.
 *
 *   npm run bench:loop [-- --seconds 30]
 *
 * Trains as the application does: the training loop, augmentation, validation and checkpoints on the disk. Every gap
 * between two turns of a 1 ms timer is a time in which nothing else could run. `wait` is what something that arrives
 * at a random moment waits, from the lengths of all gaps. `blocked` counts of each gap only the processor time of this
 * thread: what our own code holds up, without what the system gave to other programs on a busy machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { architectureOf } from '../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../src/core/model/initialise.ts';
import { Random } from '../../src/core/random.ts';
import { saveCheckpoint } from '../../src/core/store/checkpoints.ts';
import { loadRuntime, type Runtime } from '../../src/core/tf/runtime.ts';
import type { LabelledImages } from '../../src/core/train/batches.ts';
import { encodeCheckpoint } from '../../src/core/train/checkpoint.ts';
import { PRESETS, type TrainingConfig } from '../../src/core/train/config.ts';
import { sparsity } from '../../src/core/train/objectives/sparsity.ts';
import { train } from '../../src/core/train/train.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, only: { type: 'string', default: '' } },
});
const secondsEach = Number(values.seconds);

const CASES = [
  { network: 'wrn-40-2', inputSize: 32, batchSize: 128, classes: 10 },
  { network: 'resnet-18', inputSize: 32, batchSize: 128, classes: 100 },
  { network: 'resnet-18-224', inputSize: 224, batchSize: 32, classes: 100 },
].filter(({ network }) => network.includes(values.only));

function images(count: number, size: number, classes: number): LabelledImages {
  const random = new Random(1);
  const data = Uint8Array.from({ length: count * size * size * 3 }, () => random.integer(256));
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  return { block: { count, size, data }, labels };
}

/** The wait that a share of random arrivals does not exceed, when a gap of g makes arrivals wait from 0 to g. */
function arrivalWait(gapsMs: readonly number[], share: number, total: number): number {
  let low = 0;
  let high = Math.max(...gapsMs);
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    const beyond = gapsMs.reduce((sum, gap) => sum + Math.max(0, gap - middle), 0) / total;
    if (beyond > 1 - share) low = middle;
    else high = middle;
  }
  return high;
}

async function measure(runtime: Runtime, given: (typeof CASES)[number]): Promise<void> {
  const { network, inputSize, batchSize, classes } = given;
  const architecture = architectureOf(network, { classes, inputSize });
  const config: TrainingConfig = {
    ...PRESETS.authors.finetune,
    batchSize,
    epochs: 1000,
    keep: 'best',
  };
  const session = runtime.createSession({
    architecture,
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    objective: sparsity('features'),
    sgd: config,
    weights: initialiseWeights(architecture, 1),
  });
  const data = {
    train: images(8 * batchSize, inputSize, classes),
    val: images(2 * batchSize, inputSize, classes),
  };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-loop-'));
  const stop = new AbortController();
  const gapsMs: number[] = [];
  const blockedMs: number[] = [];
  let last = performance.now();
  let lastCpu = process.threadCpuUsage();
  let checkpoints = 0;
  let steps = 0;
  const startMs = last;
  const timer = setInterval(() => {
    const now = performance.now();
    gapsMs.push(now - last);
    const used = process.threadCpuUsage(lastCpu);
    blockedMs.push((used.user + used.system) / 1000);
    last = now;
    lastCpu = process.threadCpuUsage();
    if (now - startMs > secondsEach * 1000) stop.abort();
  }, 1);
  try {
    await train(
      {
        session,
        config,
        classes: 10,
        ...data,
        fingerprint: 'loop',
        resume: null,
      },
      {
        signal: stop.signal,
        onEvent: ({ type }) => {
          if (type === 'step-finished') steps++;
        },
        saveCheckpoint: async (state) => {
          await saveCheckpoint(folder, { step: state.step, files: await encodeCheckpoint(state) });
          checkpoints++;
        },
      },
    ).catch(() => undefined);
  } finally {
    clearInterval(timer);
    session.dispose();
    rmSync(folder, { recursive: true });
  }
  const totalMs = gapsMs.reduce((sum, gap) => sum + gap, 0);
  const describe = (gaps: readonly number[]): string => {
    const longest = gaps.toSorted((a, b) => b - a).slice(0, 5);
    return `p99 ${arrivalWait(gaps, 0.99, totalMs).toFixed(1)}, p99.9 ${arrivalWait(gaps, 0.999, totalMs).toFixed(1)}, longest gaps ${longest.map((gap) => gap.toFixed(0)).join(', ')} ms`;
  };
  console.log(
    `${network}, ${inputSize}x${inputSize}, batch ${batchSize}: ${steps} steps, ${checkpoints} checkpoints`,
  );
  console.log(`  wait    ${describe(gapsMs)}`);
  console.log(`  blocked ${describe(blockedMs)}`);
}

const { runtime } = await loadRuntime();
console.log(
  `${runtime.tier} through ${runtime.bindingKind ?? 'wasm'}, TensorFlow ${runtime.tensorflowVersion}, ${runtime.threads} threads`,
);
for (const given of CASES) await measure(runtime, given);
