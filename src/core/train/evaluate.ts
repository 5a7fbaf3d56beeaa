/** A network's answers for many images, in batches. */
import { imageBytes, readRange, type PixelBlock } from '../decode/pixel-block.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import { argMax } from '../tf/batch.ts';
import type { PerturbationOptions, Session } from '../tf/session.ts';

/** Logits `[count, classes]` and penultimate features `[count, featureCount]`, row-major. */
export interface Outputs {
  readonly count: number;
  readonly classes: number;
  readonly featureCount: number;
  readonly logits: Float32Array;
  readonly features: Float32Array;
  /** `[count, Σ stageWidths]`; when asked for. */
  readonly stages?: Float32Array;
  /** Logits of the images moved one step towards more confidence, `[count, classes]`; when asked for. */
  readonly perturbed?: Float32Array;
}

export interface ForwardOptions {
  readonly batchSize?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly phase?: string;
  /** Also what comes out of each stage. */
  readonly stages?: boolean;
  /** Also the logits of the images moved like this; takes a backward pass and a second forward pass. */
  readonly perturb?: PerturbationOptions | null;
}

/** Runs every image of the block once. The last batch is filled up with repeats, which are dropped. */
export async function forwardAll(
  session: Session,
  block: PixelBlock,
  options: ForwardOptions = {},
): Promise<Outputs> {
  const { batchSize = 128, signal, onProgress, phase = 'Score', perturb = null } = options;
  const { count } = block;
  if (count === 0) throw new AppError('invalid-data', 'There are no images to score.');
  const reporter = new PhaseReporter({
    phase,
    total: count,
    unit: 'images',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  const batch = Math.min(batchSize, count);
  let logits = new Float32Array(0);
  let features = new Float32Array(0);
  let stages: Float32Array | null = null;
  const perturbed = perturb ? { logits: new Float32Array(0), by: perturb } : null;
  let classes = 0;
  let featureCount = 0;
  for (let start = 0; start < count; start += batch) {
    throwIfAborted(signal);
    const rows = Math.min(batch, count - start);
    let pixels = await readRange(block, start, start + rows);
    if (rows < batch) {
      const filled = new Uint8Array(batch * imageBytes(block));
      filled.set(pixels);
      pixels = filled;
    }
    const result = await session.forward(pixels, batch, { stages: options.stages ?? false });
    if (start === 0) {
      classes = result.logits.length / batch;
      featureCount = result.features.length / batch;
      logits = new Float32Array(count * classes);
      features = new Float32Array(count * featureCount);
      if (result.stages) stages = new Float32Array((count * result.stages.length) / batch);
      if (perturbed) perturbed.logits = new Float32Array(count * classes);
    }
    logits.set(result.logits.subarray(0, rows * classes), start * classes);
    features.set(result.features.subarray(0, rows * featureCount), start * featureCount);
    if (stages && result.stages) {
      const width = result.stages.length / batch;
      stages.set(result.stages.subarray(0, rows * width), start * width);
    }
    if (perturbed) {
      const moved = await session.forwardPerturbed(pixels, batch, perturbed.by);
      perturbed.logits.set(moved.logits.subarray(0, rows * classes), start * classes);
    }
    reporter.report(start + rows);
  }
  return {
    count,
    classes,
    featureCount,
    logits,
    features,
    ...(stages ? { stages } : {}),
    ...(perturbed ? { perturbed: perturbed.logits } : {}),
  };
}

/** Means over labelled images. */
export interface ValidationResult {
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** Mean sum of absolute penultimate features. */
  readonly featureL1: number;
  /** Mean energy E = -logsumexp(logits). */
  readonly meanEnergy: number;
}

export function validate(outputs: Outputs, labels: Int32Array): ValidationResult {
  const { logits, features, classes, count } = outputs;
  let loss = 0;
  let correct = 0;
  let energy = 0;
  for (let i = 0; i < count; i++) {
    const start = i * classes;
    const best = argMax(logits, start, classes);
    const top = logits[start + best]!;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[start + c]! - top);
    const logSum = top + Math.log(sum);
    loss += logSum - logits[start + labels[i]!]!;
    energy -= logSum;
    if (best === labels[i]) correct++;
  }
  let l1 = 0;
  for (const feature of features) l1 += Math.abs(feature);
  return {
    loss: loss / count,
    accuracy: correct / count,
    featureL1: l1 / count,
    meanEnergy: energy / count,
  };
}
