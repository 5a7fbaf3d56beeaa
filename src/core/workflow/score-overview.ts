/** Everything about a model's scores on an ID split and some OOD sets. */
import type { Split } from '../datasets/types.ts';
import { within } from '../progress.ts';
import { runTask, type TaskOptions } from './compute/run-task.ts';
import type { ScopeDistributions, ScopeEvaluation, ScopeMetrics } from './evaluate-scope.ts';
import { scopeColumns, type ScopeColumns, type ScoredSource, type SetColumns } from './scope-columns.ts'; // prettier-ignore
import type { ScoreSources, ScoringHooks } from './score-sources.ts';

/** Which images of which sets under which model and score; full ids. */
export interface Scope {
  readonly modelId: string;
  readonly detector: string;
  readonly idDatasetId: string;
  readonly split: Split;
  readonly oodDatasetIds: readonly string[];
}

export interface LoadedScope {
  readonly id: ScoredSource;
  readonly ood: readonly ScoredSource[];
}

export interface ScopeOverview extends ScopeEvaluation {
  /** Null when features were not kept. */
  readonly nearZeroUnits: number | null;
}

/** @throws AppError `not-found` when a set is not scored; `usage` when the model was trained on it as outliers */
export async function loadScope(
  sources: ScoreSources,
  scope: Scope,
  { signal, onProgress }: ScoringHooks = {},
): Promise<LoadedScope> {
  sources.refuseBarred(scope.modelId, scope.oodDatasetIds);
  const sets = [scope.idDatasetId, ...scope.oodDatasetIds];
  const loaded: ScoredSource[] = [];
  for (const [i, datasetId] of sets.entries())
    loaded.push(
      await sources.scored(scope, datasetId, {
        signal,
        onProgress: within(onProgress, i / sets.length, (i + 1) / sets.length),
      }),
    );
  const [id, ...ood] = loaded as [ScoredSource, ...ScoredSource[]];
  return { id, ood };
}

/** The numbers of a scope, without what only lists need. @throws AppError `invalid-data` when a set is empty */
export async function scopeNumbers(sources: ScoreSources, scope: Scope): Promise<ScopeColumns> {
  const { id, ood } = await loadScope(sources, scope);
  return scopeColumns(id, scope.split, ood);
}

/** @throws AppError as `loadScope` and `scopeColumns` do */
export async function scoreDistributions(
  sources: ScoreSources,
  scope: Scope,
  options: TaskOptions = {},
): Promise<ScopeDistributions> {
  const { id, validation, ood } = await scopeNumbers(sources, scope);
  const named = ({ datasetId, name, nearFar, scores }: SetColumns) => ({ datasetId, name, nearFar, scores }); // prettier-ignore
  // Only what is needed: everything is copied to another thread.
  const columns = {
    id: { ...named(id), correct: id.correct },
    validation: { ...named(validation), correct: validation.correct },
    ood: ood.map(named),
  };
  return runTask('distributions', columns, options);
}

/** @throws AppError as `loadScope` and `scopeColumns` do */
export async function scoreOverview(
  sources: ScoreSources,
  scope: Scope,
  options: TaskOptions = {},
): Promise<ScopeOverview> {
  return {
    ...(await scoreDistributions(sources, scope, options)),
    ...(await scoreMetrics(sources, scope, options)),
  };
}

/** What an overview holds beside the distributions. @throws AppError as `loadScope` and `scopeColumns` do */
export async function scoreMetrics(
  sources: ScoreSources,
  scope: Scope,
  options: TaskOptions = {},
): Promise<Omit<ScopeOverview, keyof ScopeDistributions>> {
  const loaded = await loadScope(sources, scope);
  const columns = scopeColumns(loaded.id, scope.split, loaded.ood);
  const metrics: ScopeMetrics = await runTask('metrics', columns, options);
  const { folder, count, classes, units } = await sources.stored(scope.modelId, scope.idDatasetId);
  const { matrixRows } = loaded.id.scored;
  const rows = columns.id.positions.map((position) => matrixRows[position]!);
  const nearZeroUnits =
    units === 0
      ? null
      : await runTask('nearZero', { source: { folder, count, classes, units }, rows }, options);
  return { ...metrics, nearZeroUnits };
}
