import { AppError } from '../errors.ts';
import type { Detector, DetectorInputs, Hyperparameters, Logits } from './types.ts';

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
