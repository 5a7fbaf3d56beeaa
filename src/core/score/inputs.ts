import { AppError } from '../errors.ts';
import type {
  Detector,
  DetectorInputs,
  Features,
  Hyperparameters,
  LastLayer,
  Logits,
  NumberArray,
  ScoreContext,
} from './types.ts';

/**
 * The logits of a batch, checked for shape.
 * @throws AppError `internal` when missing, `invalid-data` when the length is not count * classes
 */
export function requireLogits(inputs: DetectorInputs, detectorId: string): Logits {
  const { logits } = inputs;
  if (!logits) {
    throw new AppError('internal', `Score ${detectorId}: needs logits, but none were passed.`);
  }
  checkShape(logits.data, logits.count, logits.classes, 'Logits');
  return logits;
}

/**
 * Throws when a row-major matrix has not the length its shape says, or no rows or columns.
 * @throws AppError `invalid-data`
 */
export function checkShape(
  data: ArrayLike<number>,
  rows: number,
  columns: number,
  name: string,
): void {
  if (rows > 0 && columns > 0 && data.length === rows * columns) return;
  throw new AppError(
    'invalid-data',
    `${name}: ${data.length} values do not make ${rows} images of ${columns} each. The model and the stored scores do not belong together, or nothing was scored; score again.`,
  );
}

type Settings = Pick<Detector, 'id' | 'hyperparameters'>;

/**
 * Throws when a setting is given that the detector does not have.
 * @throws AppError `usage`
 */
export function checkHyperparameters(detector: Settings, given: Hyperparameters = {}): void {
  const known = Object.keys(detector.hyperparameters);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new AppError(
    'usage',
    `Score ${detector.id}: has no setting "${unknown}". It has: ${known.join(', ') || 'none'}.`,
  );
}

/**
 * The value of one hyperparameter: given or default.
 * @throws AppError `usage` when out of range, or when a name is given that the detector does not have
 */
export function hyperparameter(
  detector: Settings,
  name: string,
  given: Hyperparameters = {},
): number {
  checkHyperparameters(detector, given);
  const { label, min, max, default: standard } = detector.hyperparameters[name]!;
  const value = given[name] ?? standard;
  if (value >= min && value <= max) return value;
  throw new AppError(
    'usage',
    `Score ${detector.id}: ${label} is ${value}, but must lie between ${min} and ${max}. The default is ${standard}.`,
  );
}

type FeatureNeed = 'features' | 'stages';

/**
 * The features of a batch, checked for shape and numbers.
 * @param first number of the batch's first row, for the error
 * @throws AppError `internal` when missing; `invalid-data` when the length is wrong, or naming a row that has a value
 * that is NaN or infinite
 */
export function requireFeatures(
  inputs: DetectorInputs,
  detectorId: string,
  need: FeatureNeed = 'features',
  first = 0,
): Features {
  const features = inputs[need];
  if (!features)
    throw new AppError('internal', `Score ${detectorId}: needs ${need}, but none were passed.`);
  const { data, count, units } = features;
  checkShape(data, count, units, 'Features');
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let j = row * units; j < (row + 1) * units; j++) sum += data[j]!;
    if (!Number.isFinite(sum)) throw notFinite('Features', 'a value', first + row);
  }
  return features;
}

/**
 * The model's last layer, checked against the features it is applied to.
 * @throws AppError `internal` when missing, `invalid-data` when it has another width
 */
export function requireLastLayer(
  { lastLayer }: DetectorInputs,
  detectorId: string,
  units: number,
): LastLayer {
  if (!lastLayer)
    throw new AppError(
      'internal',
      `Score ${detectorId}: needs the last layer, but it was not passed.`,
    );
  if (lastLayer.units === units) return lastLayer;
  throw new AppError(
    'invalid-data',
    `Features: ${units} units per image, but the model's last layer takes ${lastLayer.units}. The model and the stored scores do not belong together; score again.`,
  );
}

/**
 * An array of what the detector learned.
 * @throws AppError `internal` when nothing was passed, or something that this detector does not fit
 */
export function fittedArray(
  context: ScoreContext | undefined,
  detectorId: string,
  name: string,
): NumberArray {
  const found = context?.fitted?.arrays[name];
  if (found) return found;
  throw new AppError(
    'internal',
    `Score ${detectorId}: must be fitted on training images first (${name} is missing).`,
  );
}

/**
 * Like {@link fittedArray}, of a known type.
 * @param units that the images have, when the array has a row for each of them
 * @throws AppError `internal`; `invalid-data` when it was fitted on features of another width
 */
export function fittedFloats(
  context: ScoreContext | undefined,
  detectorId: string,
  name: string,
  units?: number,
): Float64Array {
  const { data, shape } = fittedArray(context, detectorId, name);
  if (!(data instanceof Float64Array))
    throw new AppError('internal', `Score ${detectorId}: ${name} was kept in another precision.`);
  if (units !== undefined) checkFittedWidth(shape[0]!, units, detectorId);
  return data;
}

/**
 * Throws when a detector was fitted on features of another width than the images have.
 * @throws AppError `invalid-data`
 */
export function checkFittedWidth(fitted: number, units: number, detectorId: string): void {
  if (fitted === units) return;
  throw new AppError(
    'invalid-data',
    `Score ${detectorId}: was fitted on ${fitted} features per image, but these images have ${units}. It was fitted for another model; fit it again.`,
  );
}

/** A value that was learned, on its own. */
export const scalar = (value: number): NumberArray => ({
  shape: [],
  data: Float64Array.of(value),
});

/**
 * Throws when a score is NaN or infinite, naming the image.
 * @throws AppError `invalid-data`
 */
export function checkedResult(scores: Float64Array, label: string): Float64Array {
  const row = scores.findIndex((score) => !Number.isFinite(score));
  if (row < 0) return scores;
  throw notFinite(label, 'a score', row);
}

/** The error for an image that cannot be scored or learned from; `row` counts from 0. */
export const notFinite = (name: string, what: string, row: number): AppError =>
  new AppError(
    'invalid-data',
    `${name}: row ${row.toLocaleString('en-US')} (counted from 0) has ${what} that is NaN or infinite. The model's weights are damaged or its training diverged; use its last good checkpoint.`,
    { details: { row } },
  );

/**
 * Throws when logits and features are not of the same images.
 * @throws AppError `internal`
 */
export function checkSameImages(detectorId: string, logits: number, features: number): void {
  if (logits === features) return;
  throw new AppError(
    'internal',
    `Score ${detectorId}: ${logits} rows of logits, but ${features} of features.`,
  );
}
