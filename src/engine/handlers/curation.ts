/** Changes to the data that people make. */
import { exportImages } from '../../core/curate/export-images.ts';
import type { LogEntry } from '../../core/curate/types.ts';
import { AppError } from '../../core/errors.ts';
import { queryImages } from '../../core/query/query-images.ts';
import { exportRequest } from '../../core/workflow/dataset-findings.ts';
import type { CurationAction } from '../../contract/curation.ts';
import { authorOf } from '../author.ts';
import type { EngineContext } from '../context.ts';
import { curationReview, wireEntries } from '../curation-review.ts';
import { targetsOf } from '../curation-targets.ts';
import type { EngineHandlers } from '../handlers.ts';
import { queryFilter, unscoredSources } from './images.ts';

export const curationHandlers = (engine: EngineContext) =>
  ({
    'curation.apply': async ({ selections, action, author, reason }) => {
      const targets = await targetsOf(engine, selections);
      for (const { datasetId } of targets) checkAction(engine, datasetId, action);
      return outcome(
        engine,
        engine.workspace.curation.apply({ action, targets, author: authorOf(author), reason }),
      );
    },
    'curation.undo': () => outcome(engine, engine.workspace.curation.undo(authorOf(''))),
    'curation.redo': () => outcome(engine, engine.workspace.curation.redo(authorOf(''))),
    'curation.log': ({ offset, limit }) => {
      const { curation } = engine.workspace;
      const log = curation.entries();
      const page = log.toReversed().slice(offset, offset + limit);
      return { total: log.length, entries: wireEntries(page, log, curation.current().undone) };
    },
    'curation.review': () => curationReview(engine),
    'curation.export': ({ datasetId, filter, mode, grantId }, context) => {
      const { id, name } = engine.workspace.getDataset(datasetId);
      const target = engine.grants.get(grantId);
      if (target.kind !== 'folder')
        throw new AppError('usage', `${target.displayPath} is a file. Choose the folder to write into.`); // prettier-ignore
      return engine.jobs.run(
        { kind: 'export', title: `Export ${name}` },
        context,
        async (hooks) => {
          const sources = await unscoredSources(engine, { datasetIds: [id] });
          const wanted = filter ? { ...filter, datasetIds: [id] } : { excluded: false };
          const { ordinals } = queryImages(sources, queryFilter(wanted), { by: 'path', direction: 'ascending' }); // prettier-ignore
          const request = exportRequest(engine.workspace, id, ordinals, {
            mode,
            into: target.path,
          });
          const { path, images, failed } = await exportImages(request, hooks);
          return { displayPath: path, images, failed };
        },
      );
    },
  }) satisfies Partial<EngineHandlers>;

/** @throws AppError `invalid-data` when the class is not one of the dataset's */
function checkAction(engine: EngineContext, datasetId: string, action: CurationAction): void {
  if (action.type !== 'relabel' || action.className === null) return;
  const { name, role, summary } = engine.workspace.getDataset(datasetId);
  if (role === 'ood')
    throw new AppError('invalid-data', `${name} is out-of-distribution; its images have no class to change.`); // prettier-ignore
  if (!summary.classes.includes(action.className))
    throw new AppError(
      'invalid-data',
      `${name} has no class ${JSON.stringify(action.className)}. Choose one of its own; a new class needs a folder of its own and a scan.`,
    );
}

async function outcome(engine: EngineContext, entry: LogEntry | null) {
  const { curation } = engine.workspace;
  const wire = entry
    ? wireEntries([entry], curation.entries(), curation.current().undone)[0]!
    : null;
  return { entry: wire, review: await curationReview(engine) };
}
