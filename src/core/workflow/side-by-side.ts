/** Detectors side by side on the same images of one model. */
import { AppError } from '../errors.ts';
import { detectorById } from '../score/registry.ts';
import type { SideBySideColumns, SideBySideNumbers } from './compare-detectors.ts';
import { runTask } from './compute/run-task.ts';
import { loadScope, type Scope } from './score-overview.ts';
import { scopeColumns } from './scope-columns.ts';
import type { ScoreSources, ScoringHooks } from './score-sources.ts';
import { type Extra, missingExtra } from './stored-inputs.ts';

/** What a detector tells apart, or why it has no scores. */
export type DetectorResult =
  | ({ readonly state: 'ready'; readonly notes: readonly string[] } & SideBySideNumbers)
  | { readonly state: 'unavailable'; readonly reason: string; readonly missing: Extra | null };

/**
 * One detector on the images of a scope; what it has to learn is learned first.
 * @returns `unavailable` when what it needs was not kept, or it cannot be fitted or computed on these images
 * @throws AppError `not-found` when a set is not scored; `usage` for an unknown detector; `cancelled`
 */
export async function detectorResult(
  sources: ScoreSources,
  scope: Scope,
  hooks: ScoringHooks = {},
): Promise<DetectorResult> {
  try {
    const { id, ood } = await loadScope(sources, scope, hooks);
    const columns = scopeColumns(id, scope.split, ood);
    const { notes } = await sources.column(scope, scope.idDatasetId, hooks);
    const input: SideBySideColumns = {
      id: columns.id.scores,
      validation: columns.validation.scores,
      ood: columns.ood.map(({ name, scores }) => ({ name, scores })),
    };
    const numbers = await runTask('sideBySide', input, { signal: hooks.signal });
    return { state: 'ready', ...numbers, notes: [...notes, ...numbers.cautions] };
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return {
      state: 'unavailable',
      reason: error.message,
      missing: await missingOf(sources, scope),
    };
  }
}

/** Errors that say that a detector has no scores here; others stop everything. */
export const isUnavailable = (error: unknown): error is AppError =>
  error instanceof AppError && ['invalid-data', 'invalid-model', 'usage'].includes(error.code);

async function missingOf(sources: ScoreSources, scope: Scope): Promise<Extra | null> {
  const detector = detectorById(scope.detector);
  for (const datasetId of [scope.idDatasetId, ...scope.oodDatasetIds]) {
    const missing = missingExtra(detector, await sources.stored(scope.modelId, datasetId));
    if (missing) return missing;
  }
  return null;
}
