/** Comparisons of models. */
import type { Comparison, PairedList } from '../../contract/scores.ts';
import { queryImages, type QueryFilter } from '../../core/query/query-images.ts';
import type { Curve } from '../../core/metrics/curves.ts';
import { compareModels } from '../../core/workflow/compare-models.ts';
import { inBoth, pairImages, type PairedSource } from '../../core/workflow/pair-images.ts';
import { loadScope } from '../../core/workflow/score-overview.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { thresholdOf } from '../image-scores.ts';
import { computedOverview, overviewOf } from '../score-overviews.ts';
import { fullScope } from '../scopes.ts';
import { queryFilter } from './images.ts';

export const compareHandlers = (engine: EngineContext) =>
  ({
    'compare.models': ({ modelIds, detector, idDatasetId, split, oodDatasetIds }, context) => {
      const scopes = [...new Set(modelIds)].map((modelId) =>
        fullScope(engine, { modelId, detector, idDatasetId, split, oodDatasetIds }),
      );
      const [scope] = scopes as [(typeof scopes)[number]];
      const title = `Compare ${scopes.length} models`;
      return engine.jobs.run({ kind: 'compare', title }, context, async (hooks) => {
        const request = { ...scope, modelIds: scopes.map((one) => one.modelId) };
        const found = await compareModels(engine.workspace, engine.scores, request, {
          ...hooks,
          overview: (one) => computedOverview(engine, { ...one, oodDatasetIds: [...one.oodDatasetIds] }), // prettier-ignore
        });
        const models: Comparison['models'] = [];
        for (const [i, model] of found.models.entries())
          models.push({
            modelId: model.modelId,
            name: model.name,
            role: model.role,
            overview: await overviewOf(engine, scopes[i]!),
            roc: model.curves.map(({ datasetId, roc, fpr95 }) => ({ datasetId, curve: xy(roc), fpr95 })), // prettier-ignore
            statistics: model.statistics.map((one) => ({ ...one })),
            pr: model.curves.map(({ datasetId, pr }) => ({ datasetId, curve: xy(pr) })),
          });
        const { verdict } = found;
        return {
          idDatasetId: scope.idDatasetId,
          split,
          detector: scope.detector,
          models,
          differences: [...found.differences],
          verdict: verdict && {
            outcome: verdict.outcome,
            sentence: verdict.sentence,
            rule: verdict.rule,
            cautions: [...verdict.cautions],
          },
          seeds: found.seeds.map((family) => ({ ...family, modelIds: [...family.modelIds] })),
        };
      });
    },
    'compare.pairs': async ({ before, afterModelId, kind, filter }): Promise<PairedList> => {
      const scope = fullScope(engine, before);
      const after = fullScope(engine, { ...before, modelId: afterModelId });
      const [one, other] = [await loadScope(engine.scores, scope), await loadScope(engine.scores, after)]; // prettier-ignore
      const wanted: QueryFilter = { splits: [scope.split], excluded: false, ...queryFilter(filter ?? {}) }; // prettier-ignore
      const others = [other.id, ...other.ood];
      const pairs = [one.id, ...one.ood].map((source, i): PairedSource => {
        const ordinals = (conditions: QueryFilter): Uint32Array =>
          queryImages([source], conditions, { by: 'path', direction: 'ascending' }).ordinals;
        const { rows } = others[i]!.scored;
        const ranked = inBoth(ordinals({ splits: wanted.splits, excluded: false }), rows);
        return {
          datasetId: source.datasetId,
          role: source.role,
          before: source.scored,
          after: others[i]!.scored,
          ranked,
          listed: inBoth(ordinals(wanted), ranked),
        };
      });
      const thresholds = {
        before: thresholdOf(engine, scope, one.id),
        after: thresholdOf(engine, after, other.id),
      };
      const { datasetIds, ...columns } = pairImages(pairs, thresholds, kind);
      return { ...columns, datasetIds: [...datasetIds] } as PairedList;
    },
  }) satisfies Partial<EngineHandlers>;

const xy = ({ x, y }: Curve) => ({
  x: x as Float64Array<ArrayBuffer>,
  y: y as Float64Array<ArrayBuffer>,
});
