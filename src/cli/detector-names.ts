/** Detectors as the command line names them. */
import { DETECTORS, detectorById } from '../core/score/registry.ts';
import type { Detector } from '../core/score/types.ts';

/** What `--detector` takes, for help texts. */
export const DETECTOR_HELP = `all, or one or more of: ${DETECTORS.map(({ id }) => id).join(', ')}`;

/**
 * @param given `all`, one id, or several with commas between them
 * @throws AppError `usage` listing the known ids
 */
export function detectorsNamed(given: string): readonly Detector[] {
  if (given.trim() === 'all') return DETECTORS;
  const ids = given.split(',').map((id) => id.trim());
  return [...new Set(ids)].map((id) => detectorById(id));
}
