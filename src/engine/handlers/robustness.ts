/** Models on corrupted test images. */
import type { RobustnessResult } from '../../contract/robustness.ts';
import { CORRUPTION_SOURCE, CORRUPTIONS, SEVERITIES } from '../../core/robustness/corruptions.ts';
import { loadRobustness, type Robustness } from '../../core/robustness/stored.ts';
import { measureRobustness } from '../../core/workflow/measure-robustness.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const robustnessHandlers = (engine: EngineContext) =>
  ({
    'robustness.start': (
      { modelIds, datasetId, images, seed, corruptions, severities },
      context,
    ) => {
      const { workspace } = engine;
      const ids = modelIds.map((id) => workspace.getModel(id).id);
      const dataset = workspace.getDataset(datasetId);
      const title = `Robustness on ${dataset.name}`;
      return engine.jobs.run({ kind: 'robustness', title }, context, async (hooks) => {
        const request = {
          modelIds: ids,
          datasetId: dataset.id,
          images,
          seed,
          // In one order, so that the same choice is the same settings.
          corruptions: CORRUPTIONS.filter((kind) => corruptions?.includes(kind) ?? true),
          severities: SEVERITIES.filter((level) => severities?.includes(level) ?? true),
        };
        const results = await measureRobustness(workspace, await engine.runtime(), request, hooks);
        return results.map((result, i) => toResult(ids[i]!, result));
      });
    },
    'robustness.get': ({ modelIds, datasetId }) =>
      Promise.all(
        modelIds.map(async (given) => {
          const { id } = engine.workspace.getModel(given);
          const known = await loadRobustness(engine.workspace, id, datasetId);
          return known && toResult(id, known);
        }),
      ),
  }) satisfies Partial<EngineHandlers>;

const toResult = (modelId: string, result: Robustness): RobustnessResult => ({
  modelId,
  datasetId: result.datasetId,
  images: result.images,
  seed: result.settings.seed,
  source: CORRUPTION_SOURCE,
  threshold: result.threshold,
  thresholdImages: result.thresholdImages,
  clean: result.clean,
  cells: result.cells,
  createdAt: result.createdAt,
});
