/** Stored scores as commands read them. */
import type { Workspace } from '../core/store/workspace.ts';
import { AppError } from '../core/errors.ts';
import { fastAlgebra } from '../core/workflow/fast-algebra.ts';
import { ScoreSources } from '../core/workflow/score-sources.ts';
import { ImageData } from '../engine/image-data.ts';
import type { Host } from './host.ts';
import { datasetId } from './resolve.ts';

/** Stored scores as a command reads them, with what TensorFlow multiplies. */
export const scoreSources = (host: Host): ScoreSources => {
  const workspace = (): Workspace => host.workspace();
  return new ScoreSources(workspace, new ImageData(workspace), async () =>
    fastAlgebra(await host.runtime()),
  );
};

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
