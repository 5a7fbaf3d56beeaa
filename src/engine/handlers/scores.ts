/** Scores, thresholds, confusion, embeddings. */
import type { Confusion, Scope } from '../../contract/scores.ts';
import { confusionOf } from '../../core/metrics/confusion.ts';
import { shareAtLeast } from '../../core/metrics/threshold.ts';
import { DETECTORS, detectorById, PRIMARY_DETECTOR } from '../../core/score/registry.ts';
import { within } from '../../core/progress.ts';
import { barOf } from '../../core/workflow/barred-sets.ts';
import { imageDetectors } from '../../core/workflow/image-detectors.ts';
import { scoreDatasets } from '../../core/workflow/score-datasets.ts';
import { idColumns } from '../../core/workflow/scope-columns.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { distributionsOf, overviewOf, thresholdsOf } from '../score-overviews.ts';
import { fullScope } from '../scopes.ts';
import { detectorScopes, isComputed, sideBySideOf } from '../side-by-side.ts';

export const scoreHandlers = (engine: EngineContext) =>
  ({
    'detectors.list': () =>
      DETECTORS.map((detector) => ({
        id: detector.id,
        label: detector.label,
        formula: detector.formula,
        source: detector.source,
        sourceUrl: detector.sourceUrl,
        orientation: detector.orientation,
        cost: detector.cost,
        assumes: detector.assumes,
        fits: detector.fits,
        needs: [...detector.needs],
        backward: detector.needs.includes('perturbed'),
        heavy: detector.heavy,
        hyperparameters: Object.entries(detector.hyperparameters).map(([id, one]) => ({ id, ...one })), // prettier-ignore
        shownAs: detector === PRIMARY_DETECTOR ? ('negated' as const) : ('score' as const),
      })),
    'scores.compute': ({ modelIds, datasetIds, extras }, context) => {
      const { workspace } = engine;
      const models = modelIds.map((id) => workspace.getModel(id));
      const sets = datasetIds.map((id) => workspace.getDataset(id).id);
      const title = models.length === 1 ? `Score ${models[0]!.name}` : `Score ${models.length} models`; // prettier-ignore
      return engine.jobs.run({ kind: 'score', title }, context, async (hooks) => {
        const runtime = await engine.runtime();
        const totals = { scored: 0, failed: 0, excluded: 0, discovered: 0 };
        for (const [i, { id }] of models.entries()) {
          const onProgress = within(hooks.onProgress, i / models.length, (i + 1) / models.length);
          const outcomes = await scoreDatasets(workspace, runtime, id, sets, { ...hooks, onProgress, extras }); // prettier-ignore
          for (const outcome of outcomes)
            for (const key of ['scored', 'failed', 'excluded', 'discovered'] as const)
              totals[key] += outcome[key];
        }
        return totals;
      });
    },
    'scores.barred': ({ modelIds }) => {
      const { workspace } = engine;
      const sets = workspace.listDatasets().filter(({ role }) => role === 'ood');
      return modelIds.flatMap((wanted) => {
        const model = workspace.getModel(wanted);
        return sets.flatMap(({ id }) => barOf(workspace, model, id) ?? []);
      });
    },
    'scores.distributions': (scope) => distributionsOf(engine, fullScope(engine, scope)),
    'scores.overview': (scope) => overviewOf(engine, fullScope(engine, scope)),
    'scores.sideBySide': (wanted, context) => {
      const scopes = detectorScopes(engine, wanted);
      // What is at hand is no job to be watched.
      if (isComputed(engine, scopes)) return sideBySideOf(engine, scopes);
      const { name } = engine.workspace.getModel(scopes[0]!.modelId);
      const what = scopes.length === 1 ? detectorById(scopes[0]!.detector).label : `${scopes.length} detectors`; // prettier-ignore
      return engine.jobs.run({ kind: 'score', title: `${what}: ${name}` }, context, (hooks) =>
        sideBySideOf(engine, scopes, hooks),
      );
    },
    'images.detectors': async ({ scope, ref }) => {
      const { id } = engine.workspace.getDataset(ref.datasetId);
      return [...(await imageDetectors(engine.scores, fullScope(engine, scope), id, ref.ordinal))];
    },
    'thresholds.set': async ({ modelId, detector, idDatasetId, value, author, reason }) => {
      const { workspace } = engine;
      const key = {
        modelId: workspace.getModel(modelId).id,
        detector: detectorById(detector).id,
        idDatasetId: workspace.getDataset(idDatasetId).id,
      };
      const source = await engine.scores.scored(key, key.idDatasetId);
      const { scores } = idColumns(source, 'val');
      return workspace.addThreshold({
        ...key,
        value,
        keptOfValidation: shareAtLeast(scores, value),
        validationImages: scores.length,
        author,
        reason,
      });
    },
    'thresholds.list': ({ modelId }) => thresholdsOf(engine, engine.workspace.getModel(modelId).id),
    'scores.confusion': ({ scope }) => confusion(engine, fullScope(engine, scope)),
  }) satisfies Partial<EngineHandlers>;

async function confusion(engine: EngineContext, scope: Scope): Promise<Confusion> {
  const source = await engine.scores.scored(scope, scope.idDatasetId);
  const { labels, predicted } = idColumns(source, scope.split);
  const { modelClasses } = source.scored;
  // Classes that the model does not know are rows that it cannot get right.
  const classes = [...new Set([...modelClasses, ...source.classes])];
  const place = source.classes.map((name) => classes.indexOf(name));
  const rows = [...labels.keys()].filter((i) => labels[i]! >= 0);
  const { counts, accuracy, perClass } = confusionOf(
    rows.map((i) => place[labels[i]!]!),
    rows.map((i) => predicted[i]!),
    classes.length,
  );
  return { classes, counts: counts as Confusion['counts'], accuracy, perClass: [...perClass] };
}
