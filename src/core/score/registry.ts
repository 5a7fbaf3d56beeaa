import { AppError } from '../errors.ts';
import { energy } from './energy.ts';
import { maxLogit } from './max-logit.ts';
import { msp } from './msp.ts';
import type { LogitDetector } from './types.ts';

/** Every score the product knows, in the order it is shown. Energy, the paper's, comes first. */
export const DETECTORS: readonly LogitDetector[] = [energy, msp, maxLogit];

/** The score that verdicts are based on. */
export const PRIMARY_DETECTOR: LogitDetector = energy;

/**
 * The detector with this id.
 * @throws AppError `usage` listing the known ids
 */
export function detectorById(id: string): LogitDetector {
  const found = DETECTORS.find((detector) => detector.id === id);
  if (found) return found;
  throw new AppError(
    'usage',
    `Score "${id}": not known. Choose one of: ${DETECTORS.map((detector) => detector.id).join(', ')}.`,
  );
}
