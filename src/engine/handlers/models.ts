/** Stored models. */
import { AppError } from '../../core/errors.ts';
import { exportModel } from '../../core/workflow/export-model.ts';
import { importModelFolder } from '../../core/workflow/import-model.ts';
import { reestimateModel } from '../../core/workflow/reestimate-model.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { importWeights } from '../import-weights.ts';
import { modelSummary } from '../model-summary.ts';
import type { ModelSummary } from '../../contract/training.ts';

export const modelHandlers = (engine: EngineContext) => {
  const summaryOf = (modelId: string): ModelSummary => {
    const scored = engine.workspace.listScores().filter((row) => row.modelId === modelId);
    return modelSummary(engine.workspace.getModel(modelId), scored.map(({ datasetId }) => datasetId)); // prettier-ignore
  };
  return {
    'models.list': () => {
      const { workspace } = engine;
      const scored = Map.groupBy(workspace.listScores(), ({ modelId }) => modelId);
      return [...workspace.listModels(), ...workspace.listRemovedModels()]
        .map((row) => modelSummary(row, (scored.get(row.id) ?? []).map(({ datasetId }) => datasetId))); // prettier-ignore
    },
    'models.rename': ({ modelId, name }) => {
      engine.workspace.changeModel(modelId, { name });
      return summaryOf(modelId);
    },
    'models.export': ({ modelId, grantId, format }, context) => {
      const { name } = engine.workspace.getModel(modelId);
      const grant = engine.grants.get(grantId);
      if (grant.kind !== 'folder')
        throw new AppError('usage', `${grant.displayPath}: choose a folder to write into.`);
      return engine.jobs.run({ kind: 'export', title: `Export ${name}` }, context, async () => ({
        displayPath: await exportModel(engine.workspace, modelId, grant.path, format),
      }));
    },
    'models.import': (request, context) => {
      const { path, kind, displayPath } = engine.grants.get(request.grantId);
      const { workspace, options } = engine;
      return engine.jobs.run(
        { kind: 'export', title: `Import ${displayPath}` },
        context,
        async (hooks) => {
          const info =
            kind === 'folder'
              ? await importModelFolder(workspace, path, request.datasetId, request.name)
              : await importWeights(workspace, path, request, options.appVersion, hooks);
          return summaryOf(info.id);
        },
      );
    },
    'models.reestimate': ({ modelId }, context) => {
      const { name } = engine.workspace.getModel(modelId);
      const title = `Batch-norm statistics of ${name}`;
      return engine.jobs.run({ kind: 'train', title }, context, async (hooks) => {
        const { appVersion } = engine.options;
        const runtime = await engine.runtime();
        const info = await reestimateModel(engine.workspace, runtime, modelId, { ...hooks, appVersion }); // prettier-ignore
        return summaryOf(info.id);
      });
    },
    'models.remove': ({ modelId }) => {
      engine.workspace.removeModel(modelId);
      return null;
    },
    'models.restore': ({ modelId }) => {
      engine.workspace.restoreModel(modelId);
      return summaryOf(modelId);
    },
  } satisfies Partial<EngineHandlers>;
};
