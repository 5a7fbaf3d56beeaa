/** What a training costs on this machine: time, memory, disk; and why it cannot start. */
import { freemem, totalmem } from 'node:os';
import type { TrainingEstimate } from '../../contract/training.ts';
import type { Manifest } from '../../core/datasets/types.ts';
import { AppError } from '../../core/errors.ts';
import { architectureName, summariseNetwork } from '../../core/model/architecture.ts';
import type { Throughput, ThroughputKey } from '../../core/store/throughput.ts';
import type { Workspace } from '../../core/store/workspace.ts';
import { Batches } from '../../core/train/batches.ts';
import type { OutlierChoice } from '../../core/train/config.ts';
import { configWarnings } from '../../core/train/validate-config.ts';
import { outlierImages } from '../../core/workflow/outliers.ts';
import { usableImages } from '../../core/workflow/images.ts';
import type { TrainingRequest as CoreRequest } from '../../core/workflow/train-model.ts';
import { plannedRuns, type TrainingRequest } from './requests.ts';

const FLOAT_BYTES = 4;
/** Weights, gradients, momentum, and the best epoch's copy. */
const WEIGHT_COPIES = 4;
/**
 * Of each convolution's output: itself, what batch norm and ReLU make of it, a gradient. On the cpu tier 2.2 to 3.4
 * times the outputs were seen for seven networks and batches, and 8.1 for DenseNet-BC, whose concatenations come on top.
 */
const ACTIVATION_COPIES = 4;
const ACTIVATION_COPIES_DENSE = 9;
/** TensorFlow and Node before anything is trained. */
const RUNTIME_BYTES = 500_000_000;
/** The newest three and the best, each with weights, momentum and the best epoch's weights; and the model. */
const CHECKPOINTS = 4;
/** A backward pass costs about two forward ones; validation has none. */
const FORWARD_SHARE = 1 / 3;

/** @param tier that would compute; null while it is not known */
export async function estimateTraining(
  workspace: Workspace,
  request: TrainingRequest,
  tier: string | null,
): Promise<TrainingEstimate> {
  let runs: readonly CoreRequest[];
  try {
    runs = await plannedRuns(workspace, request);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...nothingKnown, problems: [error.message] };
  }
  const [run] = runs as readonly [CoreRequest, ...CoreRequest[]];
  const { architecture, config, decode } = run;
  const manifest = workspace.loadManifest(run.datasetId);
  const train = usableImages(manifest, 'train').length;
  const val = usableImages(manifest, 'val').length;
  const problems = problemsOf(manifest.name, manifest.role, manifest.classes.length, train, val);
  const { outliers: choice } = config;
  const outliers = choice ? outlierCount(workspace, manifest, choice, problems) : 0;
  // All that goes through the network for one image.
  const perImage = 1 + (choice?.ratio ?? 0);
  const { parameters, multiplyAdds, activations } = summariseNetwork(architecture);
  const weights = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const batchSize = Math.max(1, Math.min(config.batchSize, train));
  const pixels = (train + val + outliers) * decode.size ** 2 * 3;
  const speed = speedOf(workspace.listThroughput(), multiplyAdds, {
    tier,
    network: architectureName(architecture),
    inputSize: architecture.inputSize,
    batchSize: config.batchSize,
    precision: config.precision,
  });
  const perEpoch = train * perImage + FORWARD_SHARE * val;
  const copies = architecture.family === 'densenet-bc' ? ACTIVATION_COPIES_DENSE : ACTIVATION_COPIES; // prettier-ignore
  const memoryBytes =
    RUNTIME_BYTES +
    pixels +
    FLOAT_BYTES * (WEIGHT_COPIES * weights + copies * activations.total * batchSize * perImage);
  return {
    ...speed,
    seconds: speed.imagesPerSecond
      ? (runs.length * config.epochs * perEpoch) / speed.imagesPerSecond
      : null,
    memoryBytes: Math.round(memoryBytes),
    diskBytes: Math.round(pixels + runs.length * FLOAT_BYTES * weights * (3 * CHECKPOINTS + 1)),
    parameters: weights,
    multiplyAdds,
    trainImages: train,
    steps: train < 2 ? 0 : stepsOf(run, train),
    runs: runs.length,
    warnings: [
      ...configWarnings(config),
      ...(memoryBytes > freemem()
        ? [`This needs about ${gigabytes(memoryBytes)} of memory; ${gigabytes(freemem())} of ${gigabytes(totalmem())} are free. A smaller batch needs less.`] // prettier-ignore
        : []),
    ],
    problems,
  };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

const nothingKnown: TrainingEstimate = {
  seconds: null,
  basis: 'unknown',
  imagesPerSecond: null,
  memoryBytes: 0,
  diskBytes: 0,
  parameters: 0,
  multiplyAdds: 0,
  trainImages: 0,
  steps: 0,
  runs: 0,
  warnings: [],
  problems: [],
};

function problemsOf(
  name: string,
  role: string,
  classes: number,
  train: number,
  val: number,
): string[] {
  if (role !== 'id')
    return [`${name} is an out-of-distribution set; only a set with classes can be trained on.`];
  return [
    ...(classes < 2 ? [`${name} has ${classes} class; a classifier needs at least 2.`] : []),
    ...(train < 2 ? [`${name} has ${train} training images; at least 2 are needed.`] : []),
    ...(val < 1
      ? [`${name} has no validation images. Add a val folder, or change the split.`]
      : []),
  ];
}

/** What cannot be trained on goes to `problems`. */
function outlierCount(
  workspace: Workspace,
  manifest: Manifest,
  choice: OutlierChoice,
  problems: string[],
): number {
  try {
    return outlierImages(workspace, manifest, choice).images.length;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    problems.push(error.message);
    return 0;
  }
}

/** Of one run. */
function stepsOf({ architecture, config, decode }: CoreRequest, train: number): number {
  const block = { count: train, size: decode.size, data: new Uint8Array(0) };
  return new Batches({ block, labels: new Int32Array(0) }, config, architecture.classes).steps;
}

/** The speed seen for the same network on this tier, or else that of the most similar run, by multiply-adds. */
export function speedOf(
  known: readonly Throughput[],
  multiplyAdds: number,
  { tier, ...wanted }: Omit<ThroughputKey, 'tier'> & { readonly tier: string | null },
): Pick<TrainingEstimate, 'basis' | 'imagesPerSecond'> {
  const here = known.filter((seen) => tier === null || seen.tier === tier);
  const keys = Object.keys(wanted) as (keyof typeof wanted)[];
  const same = here.find((seen) => keys.every((key) => seen[key] === wanted[key]));
  if (same) return { basis: 'measured-here', imagesPerSecond: same.imagesPerSecond };
  const distance = (seen: Throughput): number =>
    Math.abs(Math.log(seen.multiplyAdds / multiplyAdds)) +
    Math.abs(Math.log(seen.batchSize / wanted.batchSize)) / 4;
  const [similar] = here.toSorted((a, b) => distance(a) - distance(b));
  if (!similar) return { basis: 'unknown', imagesPerSecond: null };
  const imagesPerSecond = (similar.imagesPerSecond * similar.multiplyAdds) / multiplyAdds;
  return { basis: 'similar-run', imagesPerSecond };
}
