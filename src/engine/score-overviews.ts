/** Overviews of scores as the contract tells them; computed once while nothing they rest on changes. */
import type { Distribution, Scope, ScoreDistributions, ScoreOverview, Threshold } from '../contract/scores.ts'; // prettier-ignore
import type { ScopeDistributions, SortedScores } from '../core/workflow/evaluate-scope.ts';
import { scoreDistributions, scoreMetrics, type ScopeOverview } from '../core/workflow/score-overview.ts'; // prettier-ignore
import { Recent } from '../core/workflow/recent.ts';
import type { EngineContext } from './context.ts';

const KEPT = 32;
interface Computed {
  readonly distributions: Recent<Promise<ScopeDistributions>>;
  readonly overviews: Recent<Promise<ScopeOverview>>;
}
const computed = new WeakMap<EngineContext, Computed>();

/** Changes whenever scores, decisions or the splits of the scope's sets do. */
export function scopeKey({ workspace }: EngineContext, scope: Scope): string {
  const sets = [scope.idDatasetId, ...scope.oodDatasetIds];
  const saved = workspace
    .listScores()
    .filter((row) => row.modelId === scope.modelId && sets.includes(row.datasetId))
    .map(({ datasetId, savedAt, fingerprint }) => `${datasetId} ${savedAt} ${fingerprint}`);
  return JSON.stringify([scope, saved, workspace.curation.version]);
}

function computedFor(engine: EngineContext): Computed {
  const known = computed.get(engine) ?? { distributions: new Recent(KEPT), overviews: new Recent(KEPT) }; // prettier-ignore
  computed.set(engine, known);
  return known;
}

const computedDistributions = (engine: EngineContext, scope: Scope): Promise<ScopeDistributions> =>
  computedFor(engine).distributions.get(scopeKey(engine, scope), () =>
    scoreDistributions(engine.scores, scope),
  );

/** @param scope with full ids */
export const computedOverview = (engine: EngineContext, scope: Scope): Promise<ScopeOverview> =>
  computedFor(engine).overviews.get(scopeKey(engine, scope), async () => ({
    ...(await computedDistributions(engine, scope)),
    ...(await scoreMetrics(engine.scores, scope)),
  }));

/** @param scope with full ids. @throws AppError `not-found` when a set is not scored */
export const distributionsOf = async (
  engine: EngineContext,
  scope: Scope,
): Promise<ScoreDistributions> => told(engine, scope, await computedDistributions(engine, scope));

const told = (
  engine: EngineContext,
  scope: Scope,
  found: ScopeDistributions,
): ScoreDistributions => ({
  // prettier-ignore
  scope,
  distributions: [
    distribution(found.id, 'id'),
    ...found.ood.map((set) => distribution(set, 'ood')),
  ],
  validation: distribution(found.validation, 'id'),
  thresholds: thresholdsOf(engine, scope.modelId).filter(
    (row) => row.detector === scope.detector && row.idDatasetId === scope.idDatasetId,
  ),
  defaultThreshold: found.defaultThreshold,
});

/** @param scope with full ids. @throws AppError `not-found` when a set is not scored */
export async function overviewOf(engine: EngineContext, scope: Scope): Promise<ScoreOverview> {
  const { workspace } = engine;
  const found = await computedOverview(engine, scope);
  const { evaluation } = found;
  return {
    ...told(engine, scope, found),
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
