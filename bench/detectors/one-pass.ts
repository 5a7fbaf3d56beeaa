/** All forward-only scores while the images pass, beside the forward pass alone. */
import { initialiseWeights } from '../../src/core/model/initialise.ts';
import { summariseNetwork } from '../../src/core/model/architecture.ts';
import { Random } from '../../src/core/random.ts';
import { DETECTORS } from '../../src/core/score/registry.ts';
import type { Detector, DetectorInputs, Fitted } from '../../src/core/score/types.ts';
import type { Runtime } from '../../src/core/tf/runtime.ts';
import { crossEntropy } from '../../src/core/train/objectives/cross-entropy.ts';
import { architectureFor } from '../engine/cases.ts';
import { median } from '../engine/measure.ts';
import { madeUpFeatures, trainingOf } from './data.ts';

const BATCH = 128;
/** Batches whose outputs are scored together: a few hundred kilobytes, and matrices that are worth multiplying. */
const BATCHES_SCORED_AT_ONCE = 8;
const SIZE = 32;

/** Every score but ODIN, which takes a backward pass. */
export const forwardOnly: readonly Detector[] = DETECTORS.filter(
  ({ needs }) => !needs.includes('perturbed'),
);

/**
 * @param images of the ID training split that KNN and NNGuide compare with
 * @param groups of 1,024 images that pass in each round
 */
export async function onePass(
  runtime: Runtime,
  images: number,
  groups: number,
  rounds: number,
): Promise<void> {
  const architecture = architectureFor({
    network: 'wrn-40-2',
    size: SIZE,
    batch: BATCH,
    mode: 'infer',
    precision: 'fp32',
    threads: runtime.threads,
  });
  const weights = initialiseWeights(architecture, 1);
  const session = runtime.createSession({
    architecture,
    normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    objective: crossEntropy,
    sgd: { momentum: 0, nesterov: false, weightDecay: 0 },
    weights,
  });
  const { stageWidths, featureCount: units } = summariseNetwork(architecture);
  const [weight, bias] = [...weights.values()].slice(-2);
  const lastLayer = {
    weights: weight!.data,
    bias: bias!.data,
    units,
    classes: bias!.data.length,
  };
  const algebra = runtime.algebra();
  const channels = stageWidths.reduce((sum, n) => sum + n, 0);
  const training = trainingOf(madeUpFeatures(images, units, 1), units, lastLayer, {
    stages: madeUpFeatures(images, channels, 2),
    stageWidths,
  });
  const fits = new Map<string, Fitted>();
  for (const { id, fit } of forwardOnly) if (fit) fits.set(id, await fit(training, { algebra }));

  const random = new Random(3);
  const pixels = Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => random.integer(256));
  const scoreAll = async (inputs: DetectorInputs): Promise<void> => {
    for (const { id, score } of forwardOnly) {
      const fitted = fits.get(id);
      await score(inputs, { algebra, ...(fitted ? { fitted } : {}) });
    }
  };
  const group = BATCH * BATCHES_SCORED_AT_ONCE;
  const logits = new Float32Array(group * lastLayer.classes);
  const features = new Float32Array(group * units);
  const stages = new Float32Array(group * channels);
  const forward = async (withScores: boolean): Promise<void> => {
    for (let i = 0; i < groups * BATCHES_SCORED_AT_ONCE; i++) {
      const result = await session.forward(pixels, BATCH, { stages: withScores });
      if (!withScores) continue;
      const at = BATCH * (i % BATCHES_SCORED_AT_ONCE);
      logits.set(result.logits, at * lastLayer.classes);
      features.set(result.features, at * units);
      stages.set(result.stages!, at * channels);
      if (at + BATCH < group) continue;
      await scoreAll({
        logits: { data: logits, count: group, classes: lastLayer.classes },
        features: { data: features, count: group, units },
        stages: { data: stages, count: group, units: channels },
        lastLayer,
      });
    }
  };
  const alone: Timing[] = [];
  const scored: Timing[] = [];
  await timed(() => forward(false));
  await timed(() => forward(true));
  for (let round = 0; round < rounds; round++) {
    alone.push(await timed(() => forward(false)));
    scored.push(await timed(() => forward(true)));
  }
  const perImage = (timings: readonly Timing[], what: keyof Timing): number =>
    median(timings.map((timing) => timing[what])) / (groups * group);
  console.log('| | wall ms an image | CPU ms an image |');
  console.log('|---|---|---|');
  for (const [name, timings] of [
    ['forward pass alone', alone],
    [`forward pass and ${forwardOnly.length} scores`, scored],
  ] as const)
    // prettier-ignore
    console.log(
      `| ${name} | ${perImage(timings, 'wallMs').toFixed(3)} | ${perImage(timings, 'cpuMs').toFixed(3)} |`,
    );
  const ratio = (what: keyof Timing): string =>
    (perImage(scored, what) / perImage(alone, what)).toFixed(3);
  console.log(`| ratio | ${ratio('wallMs')} | ${ratio('cpuMs')} |`);
  algebra.dispose();
  session.dispose();
}

interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(work: () => Promise<void>): Promise<Timing> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}
