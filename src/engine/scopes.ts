/** Scopes as callers give them, checked against the workspace. */
import type { Scope } from '../contract/scores.ts';
import { AppError } from '../core/errors.ts';
import { detectorById } from '../core/score/registry.ts';
import type { EngineContext } from './context.ts';

/**
 * The same scope with full ids.
 * @throws AppError `not-found`; `usage` for an unknown detector, an OOD set in place of the ID set, or the reverse
 */
export function fullScope({ workspace }: EngineContext, scope: Scope): Scope {
  const id = workspace.getDataset(scope.idDatasetId);
  if (id.role !== 'id')
    throw new AppError(
      'usage',
      `${id.name} is an out-of-distribution set. Choose the in-distribution set that the model is for.`,
    );
  const oodDatasetIds = [...new Set(scope.oodDatasetIds)].map(
    (given) => workspace.getDataset(given).id,
  );
  return {
    ...scope,
    modelId: workspace.getModel(scope.modelId).id,
    detector: detectorById(scope.detector).id,
    idDatasetId: id.id,
    oodDatasetIds: oodDatasetIds.filter((datasetId) => datasetId !== id.id),
  };
}
