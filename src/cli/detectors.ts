/** Detectors as the command line names them, and the sets that they are fitted on. */
import { DETECTORS, detectorById } from '../core/score/registry.ts';
import type { Detector } from '../core/score/types.ts';
import type { Workspace } from '../core/store/workspace.ts';
import { AppError } from '../core/errors.ts';
import type { Host } from './host.ts';
import { datasetId } from './resolve.ts';

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

/**
 * The ID set of a model: the one given, else the one that it was trained on.
 * @throws AppError `usage` when neither is known
 */
export async function idDatasetOf(
  host: Host,
  workspace: Workspace,
  modelId: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return datasetId(host, given, 'id');
  const { datasetId: trained, name } = workspace.getModel(modelId);
  if (trained !== null) return trained;
  throw new AppError('usage', `${name} does not say what it was trained on. Give --id <dataset>.`);
}
