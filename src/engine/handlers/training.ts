/** Training runs and their queue. */
import { AppError } from '../../core/errors.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { estimateTraining } from '../training/estimate.ts';
import { measureThroughput } from '../training/measure.ts';
import { trainingOptions } from '../training/options.ts';
import { previewAugmentation } from '../training/preview.ts';
import { plannedRuns } from '../training/requests.ts';

export const trainingHandlers = (engine: EngineContext) =>
  ({
    'training.options': () =>
      trainingOptions((engine.loaded?.runtime.tier ?? engine.options.device) !== 'wasm'),
    'training.estimate': (request) =>
      estimateTraining(engine.workspace, request, engine.loaded?.runtime.tier ?? null),
    'training.measure': (request, context) =>
      engine.jobs.run({ kind: 'estimate', title: 'Measure speed' }, context, async (hooks) => {
        const { workspace } = engine;
        const [run] = await plannedRuns(workspace, request);
        if (engine.queue.training)
          throw new AppError(
            'usage',
            'A run is training; measured beside it, the speed would be wrong. Wait for it, or pause it.',
          );
        const runtime = await engine.runtime();
        workspace.saveThroughput(await measureThroughput(runtime, run!, hooks));
        return await estimateTraining(workspace, request, runtime.tier);
      }),
    'training.previewAugmentation': (params, { signal }) =>
      previewAugmentation(engine.workspace, params, signal),
    'runs.start': async (request) => {
      const runs = await plannedRuns(engine.workspace, request);
      const { problems } = await estimateTraining(engine.workspace, request, null);
      if (problems.length > 0) throw new AppError('invalid-data', problems.join(' '));
      return engine.queue.add(runs);
    },
    'runs.list': () => engine.queue.list(),
    'runs.watch': ({ runId }, { emit, signal }) => engine.queue.watch(runId, emit, signal),
    'runs.pause': ({ runId }) => engine.queue.pause(runId),
    'runs.resume': ({ runId }) => engine.queue.resume(runId),
    'runs.cancel': ({ runId }) => engine.queue.cancel(runId),
    'runs.stopAndKeepBest': ({ runId }) => engine.queue.stopAndKeepBest(runId),
    'runs.move': ({ runId, position }) => engine.queue.move(runId, position),
    'runs.remove': ({ runId }) => {
      engine.queue.remove(runId);
      return null;
    },
  }) satisfies Partial<EngineHandlers>;
