/** Lists of images, one image, thumbnails, saved views. */
import {
  imageFilter,
  imageSort,
  type ImageDetail,
  type ImageFilter,
} from '../../contract/scores.ts';
import { describeAction } from '../../core/curate/describe.ts';
import { historyOf } from '../../core/curate/replay.ts';
import { FLAGS, flagBit } from '../../core/datasets/analyse/flags.ts';
import { queryImages, type QueryFilter, type QuerySource } from '../../core/query/query-images.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { scoreCells, scoreDetail, scoredSources } from '../image-scores.ts';
import { thumbnail } from '../thumbnails.ts';

export const imageHandlers = (engine: EngineContext) =>
  ({
    'images.query': async ({ scope, filter, sort }) => {
      const { sources, threshold } = scope
        ? await scoredSources(engine, scope, sort.by)
        : { sources: await unscoredSources(engine, filter), threshold: 0 };
      const { total, datasetIds, datasets, ordinals, scores } = queryImages(
        sources,
        queryFilter(filter),
        sort,
        threshold,
      );
      return { total, datasetIds: [...datasetIds], datasets, ordinals, scores };
    },
    'images.cells': async ({ scope, refs }) => {
      const data = await engine.images.cells(refs);
      const scored = scope ? await scoreCells(engine, scope, refs) : null;
      return data.map((cell, i) => ({ ...cell, ...(scored?.[i] ?? NOT_SCORED) }));
    },
    'images.detail': async ({ scope, ref }): Promise<ImageDetail> => {
      const { workspace } = engine;
      const dataset = workspace.getDataset(ref.datasetId);
      const [cell] = await engine.images.cells([ref]);
      const [record] = workspace.loadRecords(dataset.id, [ref.ordinal]);
      const [scored] = scope ? await scoreCells(engine, scope, [ref]) : [];
      const entries = workspace.curation.entries();
      return {
        cell: { ...cell!, ...(scored ?? NOT_SCORED) },
        datasetName: dataset.name,
        sha256: record!.sha256,
        bytes: record!.bytes,
        width: record!.width,
        height: record!.height,
        ...(scope ? await scoreDetail(engine, scope, ref) : NO_DETAIL),
        history: historyOf(entries, dataset.id, record!.path).map((entry) => ({
          time: entry.time,
          author: entry.author,
          text: describeAction(entry, entries),
        })),
      };
    },
    'images.explain': ({ modelId, ref }) => engine.explanations.explain(modelId, ref),
    'thumbnails.get': (wanted) => thumbnail(engine, wanted),
    'views.list': () =>
      engine.workspace.listViews().map((view) => ({
        ...view,
        // A view that an older version saved may hold what is no filter any more.
        filter: imageFilter.catch({}).parse(view.filter),
        sort: imageSort.catch({ by: 'path', direction: 'ascending' }).parse(view.sort),
      })),
    'views.save': ({ name, filter, sort }) => {
      // Lists of ordinals mean nothing after the next scan.
      const kept = { ...filter };
      delete kept.only;
      const { id, createdAt } = engine.workspace.saveView({ name, filter: kept, sort });
      return { id, name, filter: kept, sort, createdAt };
    },
    'views.remove': ({ viewId }) => {
      engine.workspace.removeView(viewId);
      return null;
    },
  }) satisfies Partial<EngineHandlers>;

const NOT_SCORED = { predicted: null, confidence: null, score: null };
const NO_DETAIL = {
  logits: [],
  energy: null,
  featureL1: null,
  activeUnits: null,
  units: null,
  percentile: null,
  neighbours: [],
};

/** The filter of the contract as the query takes it. */
export function queryFilter({ flags, ...filter }: ImageFilter): QueryFilter {
  const bits = flags?.reduce(
    (all, flag) => all | flagBit(FLAGS.find((known) => known === flag)!),
    0,
  );
  return { ...filter, ...(bits === undefined ? {} : { flags: bits }) };
}

/** Every image of the datasets in the filter, or of all that are on the list. */
export async function unscoredSources(
  engine: EngineContext,
  { datasetIds }: Pick<ImageFilter, 'datasetIds'>,
): Promise<readonly QuerySource[]> {
  const { workspace } = engine;
  const datasets = datasetIds
    ? datasetIds.map((id) => workspace.getDataset(id))
    : workspace.listDatasets();
  const sources: QuerySource[] = [];
  for (const { id, role, summary } of datasets)
    sources.push({
      datasetId: id,
      role,
      classes: summary.classes,
      index: await engine.images.index(id),
      marks: await engine.images.marks(id),
      scored: null,
    });
  return sources;
}
