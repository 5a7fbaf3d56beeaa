/** Images of a scope as points in the plane. */
import type { Embedding, Scope } from '../../contract/scores.ts';
import { PhaseReporter } from '../../core/progress.ts';
import { Recent } from '../../core/workflow/recent.ts';
import { runTask, type TaskOptions } from '../../core/workflow/compute/run-task.ts';
import type { EmbedPart } from '../../core/workflow/embed.ts';
import { loadScope } from '../../core/workflow/score-overview.ts';
import { scopeColumns } from '../../core/workflow/scope-columns.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { scopeKey } from '../score-overviews.ts';
import { fullScope } from '../scopes.ts';

const KEPT = 8;

export const embeddingHandlers = (engine: EngineContext) => {
  const kept = new Recent<Promise<Embedding>>(KEPT);
  const embedded = (method: Embedding['method'], scope: Scope, options: TaskOptions = {}) =>
    kept.get(`${method} ${scopeKey(engine, scope)}`, () => embed(engine, method, scope, options));
  return {
    'embedding.pca': (scope) => embedded('pca', fullScope(engine, scope)),
    'embedding.umap': (given, context) => {
      const scope = fullScope(engine, given);
      const title = `UMAP of ${engine.workspace.getModel(scope.modelId).name}`;
      return engine.jobs.run({ kind: 'embed', title }, context, ({ signal, onProgress }) => {
        let epochs: PhaseReporter | null = null;
        return embedded('umap', scope, {
          signal,
          onProgress: (done, total) => {
            // Before the first epoch the neighbours of every image are sought, which cannot tell how far it is.
            if (done === 0)
              onProgress({ phase: 'Find neighbours', value: 0, done: 0, total: null, unit: 'images', ratePerS: null, remainingS: null }); // prettier-ignore
            else {
              epochs ??= new PhaseReporter({ phase: 'UMAP', total, unit: 'steps', from: 0.3, to: 1, listener: onProgress }); // prettier-ignore
              epochs.report(done);
            }
          },
        });
      });
    },
  } satisfies Partial<EngineHandlers>;
};

async function embed(
  engine: EngineContext,
  method: Embedding['method'],
  scope: Scope,
  options: TaskOptions,
): Promise<Embedding> {
  const { id, ood } = await loadScope(engine.scores, scope);
  const columns = scopeColumns(id, scope.split, ood);
  const sources = [id, ...ood];
  const sets = [columns.id, ...columns.ood];
  const parts: EmbedPart[] = [];
  for (const [i, { datasetId, positions }] of sets.entries()) {
    const { folder, count, classes, units } = await engine.scores.stored(scope.modelId, datasetId);
    const { matrixRows } = sources[i]!.scored;
    parts.push({ folder, count, classes, units, rows: positions.map((at) => matrixRows[at]!) });
  }
  const { shown, points, explained } = await runTask(method, parts, options);
  const total = shown.reduce((sum, { length }) => sum + length, 0);
  const datasets = new Uint16Array(total);
  const ordinals = new Uint32Array(total);
  let at = 0;
  for (const [s, indices] of shown.entries())
    for (const index of indices) {
      datasets[at] = s;
      ordinals[at++] = sets[s]!.ordinals[index]!;
    }
  return {
    method,
    datasetIds: sets.map(({ datasetId }) => datasetId),
    datasets,
    ordinals,
    points: points as Embedding['points'],
    explained: explained && [...explained],
    sampledFrom: sets.reduce((sum, { ordinals: all }) => sum + all.length, 0),
  };
}
