/** Overviews of scores as the contract tells them; computed once while nothing they rest on changes. */
import type { Distribution, Scope, ScoreOverview, Threshold } from '../contract/scores.ts';
import type { SortedScores } from '../core/workflow/evaluate-scope.ts';
import { scoreOverview, type ScopeOverview } from '../core/workflow/score-overview.ts';
import { Recent } from '../core/workflow/recent.ts';
import type { EngineContext } from './context.ts';

const KEPT = 32;
const overviews = new WeakMap<EngineContext, Recent<Promise<ScopeOverview>>>();

/** Changes whenever scores, decisions or the splits of the scope's sets do. */
export function scopeKey({ workspace }: EngineContext, scope: Scope): string {
  const sets = [scope.idDatasetId, ...scope.oodDatasetIds];
  const saved = workspace
    .listScores()
    .filter((row) => row.modelId === scope.modelId && sets.includes(row.datasetId))
    .map(({ datasetId, savedAt, fingerprint }) => `${datasetId} ${savedAt} ${fingerprint}`);
  return JSON.stringify([scope, saved, workspace.curation.version]);
}

/** @param scope with full ids */
export function computedOverview(engine: EngineContext, scope: Scope): Promise<ScopeOverview> {
  let recent = overviews.get(engine);
  if (!recent) overviews.set(engine, (recent = new Recent(KEPT)));
  return recent.get(scopeKey(engine, scope), () => scoreOverview(engine.scores, scope));
}

/** @param scope with full ids. @throws AppError `not-found` when a set is not scored */
export async function overviewOf(engine: EngineContext, scope: Scope): Promise<ScoreOverview> {
  const { workspace } = engine;
  const found = await computedOverview(engine, scope);
  const { evaluation } = found;
  return {
    scope,
    distributions: [
      distribution(found.id, 'id'),
      ...found.ood.map((set) => distribution(set, 'ood')),
    ],
    validation: distribution(found.validation, 'id'),
    metrics:
      evaluation?.perSet.map((metrics, i) => ({
        datasetId: found.ood[i]!.datasetId,
        name: metrics.dataset,
        nearFar: workspace.getDataset(found.ood[i]!.datasetId).nearFar,
        n: metrics.n,
        fpr95: metrics.fpr95,
        fpr95OodPositive: metrics.fpr95OodPositive,
        auroc: metrics.auroc,
        auprIn: metrics.auprIn,
        auprOut: metrics.auprOut,
        detectionError: metrics.detectionError,
      })) ?? [],
    average: evaluation ? evaluation.average : null,
    idAccuracy: found.idAccuracy,
    ece: found.ece,
    featureL1: found.featureL1,
    hoyer: found.hoyer,
    nearZeroUnits: found.nearZeroUnits,
    thresholds: thresholdsOf(engine, scope.modelId).filter(
      (row) => row.detector === scope.detector && row.idDatasetId === scope.idDatasetId,
    ),
    defaultThreshold: found.defaultThreshold,
  };
}

/** Newest first. */
export const thresholdsOf = ({ workspace }: EngineContext, modelId: string): Threshold[] => [
  ...workspace.listThresholds(modelId),
];

const distribution = (
  { datasetId, name, nearFar, sorted, correctFrom, mean, std }: SortedScores,
  role: 'id' | 'ood',
): Distribution => ({
  datasetId,
  name,
  role,
  nearFar,
  sorted: sorted as Distribution['sorted'],
  correctFrom: correctFrom as Distribution['correctFrom'],
  mean,
  std,
});
