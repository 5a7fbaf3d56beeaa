/** Everything about a model's scores on an ID split and some OOD sets. */
import type { Split } from '../datasets/types.ts';
import { runTask, type TaskOptions } from './compute/run-task.ts';
import type { ScopeEvaluation } from './evaluate-scope.ts';
import { scopeColumns, type ScopeColumns, type ScoredSource } from './scope-columns.ts';
import type { ScoreSources } from './score-sources.ts';

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

/** @throws AppError `not-found` when a set is not scored */
export async function loadScope(sources: ScoreSources, scope: Scope): Promise<LoadedScope> {
  const { modelId, detector, idDatasetId, oodDatasetIds } = scope;
  const id = await sources.scored(modelId, idDatasetId, detector);
  const ood: ScoredSource[] = [];
  for (const datasetId of oodDatasetIds) ood.push(await sources.scored(modelId, datasetId, detector)); // prettier-ignore
  return { id, ood };
}

/** The numbers of a scope, without what only lists need. @throws AppError `invalid-data` when a set is empty */
export async function scopeNumbers(sources: ScoreSources, scope: Scope): Promise<ScopeColumns> {
  const { id, ood } = await loadScope(sources, scope);
  return scopeColumns(id, scope.split, ood);
}

/** @throws AppError as `loadScope` and `scopeColumns` do */
export async function scoreOverview(
  sources: ScoreSources,
  scope: Scope,
  options: TaskOptions = {},
): Promise<ScopeOverview> {
  const loaded = await loadScope(sources, scope);
  const columns = scopeColumns(loaded.id, scope.split, loaded.ood);
  const evaluation = await runTask('evaluate', columns, options);
  const { folder, count, classes, units } = await sources.stored(scope.modelId, scope.idDatasetId);
  const { matrixRows } = loaded.id.scored;
  const rows = columns.id.positions.map((position) => matrixRows[position]!);
  const nearZeroUnits =
    units === 0
      ? null
      : await runTask('nearZero', { source: { folder, count, classes, units }, rows }, options);
  return { ...evaluation, nearZeroUnits };
}
