/** Checks and small computations around a step that every tier shares. */
import { AppError } from '../errors.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Objective } from '../train/objectives/objective.ts';
import { allFinite } from './host-tensor.ts';
import type { SessionSpec } from './runtime.ts';
import type { FeatureMaps, ForwardOptions, ForwardResult, StepResult, TrainingBatch } from './session.ts'; // prettier-ignore

/** @throws AppError `invalid-data` */
export function checkPixels(pixels: Uint8Array, count: number, size: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new AppError('invalid-data', `A batch needs at least one image, not ${count}.`);
  const expected = count * size * size * 3;
  if (pixels.length !== expected)
    throw new AppError(
      'invalid-data',
      `A batch of ${count} images of ${size}x${size}x3 has ${expected} bytes, but ${pixels.length} were given.`,
    );
}

/** @throws AppError `invalid-data` for wrong sizes or class ids, `usage` for a scalar that is not finite */
export function checkBatch(
  batch: TrainingBatch,
  objective: Objective,
  { classes, inputSize }: Architecture,
): void {
  const { pixels, labels, targets, count, outlierCount = 0 } = batch;
  const { learningRate, scalars, dropoutSeed } = batch;
  checkPixels(pixels, count + outlierCount, inputSize);
  if (count < 2)
    throw new AppError(
      'invalid-data',
      'A training batch needs at least 2 images: batch norm has no variance over one.',
    );
  if (labels.length !== count)
    throw new AppError(
      'invalid-data',
      `The batch has ${count} images but ${labels.length} labels.`,
    );
  if (targets && targets.length !== count * classes)
    throw new AppError(
      'invalid-data',
      `The batch has ${targets.length} target values; ${count} images of ${classes} classes have ${count * classes}.`,
    );
  if (outlierCount < 0 || !Number.isInteger(outlierCount))
    throw new AppError('invalid-data', `A batch cannot have ${outlierCount} outliers.`);
  if (objective.outliers && outlierCount === 0)
    throw new AppError(
      'invalid-data',
      `${objective.label} needs auxiliary outliers in every batch, and this one has none.`,
    );
  for (const label of labels)
    if (label < 0 || label >= classes)
      throw new AppError(
        'invalid-data',
        `Class id ${label} is outside the model's ${classes} classes (0 to ${classes - 1}).`,
      );
  for (const name of ['learningRate', ...objective.scalars]) {
    const value = name === 'learningRate' ? learningRate : scalars[name];
    if (!Number.isFinite(value))
      throw new AppError('usage', `${name} must be a finite number, not ${String(value)}.`);
  }
  if (!dropoutSeed.every(Number.isInteger))
    throw new AppError(
      'usage',
      `The dropout seed must be two integers, not ${dropoutSeed.join()}.`,
    );
}

/** @throws AppError `usage` for numbers that would make every result NaN */
export function checkSpec({ normalisation, sgd }: SessionSpec): void {
  const { mean, std } = normalisation;
  if (!mean.every(Number.isFinite) || !std.every((value) => value > 0 && Number.isFinite(value)))
    throw new AppError(
      'usage',
      `The normalisation needs finite means and standard deviations above 0, not mean ${mean.join(', ')} and std ${std.join(', ')}.`,
    );
  for (const name of ['momentum', 'weightDecay'] as const)
    if (!(sgd[name] >= 0 && Number.isFinite(sgd[name])))
      throw new AppError('usage', `${name} must be 0 or more, not ${sgd[name]}.`);
}

/** A pass with its maps, which are square as the input is. */
export const featureMapsOf = (pass: ForwardResult, maps: Float32Array): FeatureMaps => ({
  ...pass,
  maps,
  side: Math.round(Math.sqrt(maps.length / pass.features.length)),
});

/** One row per label, 1 at the label. */
export function oneHot(labels: Int32Array, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (rows[i * classes + label] = 1));
  return rows;
}

/** What the labelled images of a batch are fitted to, `[count, classes]`. */
export const targetsOf = ({ labels, targets }: TrainingBatch, classes: number): Float32Array =>
  targets ?? oneHot(labels, classes);

/** Index of the largest of `classes` logits from `start`; the first of equals. */
export function argMax(logits: Float32Array, start: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (logits[start + c]! > logits[start + best]!) best = c;
  return best;
}

export function countCorrect(logits: Float32Array, labels: Int32Array, classes: number): number {
  let correct = 0;
  labels.forEach((label, i) => {
    if (argMax(logits, i * classes, classes) === label) correct++;
  });
  return correct;
}

/** Σ weight · term. */
export function weightedLoss(
  objective: Objective,
  values: readonly number[],
  scalars: Readonly<Record<string, number>>,
): Pick<StepResult, 'loss' | 'terms'> {
  let loss = 0;
  const terms: Record<string, number> = {};
  objective.terms.forEach(({ name, weight }, i) => {
    terms[name] = values[i]!;
    loss += values[i]! * (weight === null ? 1 : scalars[weight]!);
  });
  return { loss, terms };
}

/** @throws AppError `usage` when options of a forward pass or an image gradient make no sense */
export function checkForwardOptions(
  { featureLimit, featureMask }: ForwardOptions,
  featureCount: number,
): void {
  if (featureLimit !== undefined && !Number.isFinite(featureLimit))
    throw new AppError('usage', `The feature limit must be a number, not ${featureLimit}.`);
  if (featureMask && !allFinite(featureMask))
    throw new AppError('usage', 'The feature mask holds a value that is not a finite number.');
  if (featureMask && featureMask.length !== featureCount)
    throw new AppError(
      'usage',
      `The feature mask has ${featureMask.length} factors; the network has ${featureCount} features.`,
    );
}

/** @throws AppError `usage` */
export function checkPerturbation({
  temperature,
  epsilon,
}: {
  readonly temperature: number;
  readonly epsilon: number;
}): void {
  if (!(temperature > 0 && Number.isFinite(temperature)))
    throw new AppError('usage', `The temperature must be above 0, not ${temperature}.`);
  if (!(epsilon >= 0 && Number.isFinite(epsilon)))
    throw new AppError('usage', `The step size must be 0 or more, not ${epsilon}.`);
}

/**
 * Matrices of the same rows side by side.
 * @param parts row-major, `[rows, ?]` each
 */
export function joinColumns(parts: readonly Float32Array[], rows: number): Float32Array {
  const widths = parts.map(({ length }) => length / rows);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const joined = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    for (const [p, part] of parts.entries()) {
      joined.set(part.subarray(row * widths[p]!, (row + 1) * widths[p]!), at);
      at += widths[p]!;
    }
  }
  return joined;
}

/** Rows one under the other. */
export function joinRows(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
