/** Experiments over several seeds. */
import { experimentResult } from '../../contract/experiments.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const experimentHandlers = (engine: EngineContext) =>
  ({
    'experiments.start': (request) => engine.experiments.start(request),
    'experiments.list': () => engine.experiments.list(),
    'experiments.get': ({ experimentId }) => {
      const stored = engine.experiments.result(experimentId);
      return {
        summary: engine.experiments.summary(experimentId),
        result: stored === null ? null : experimentResult.parse(stored),
      };
    },
    'experiments.resume': ({ experimentId }) => engine.experiments.resume(experimentId),
    'experiments.cancel': ({ experimentId }) => engine.experiments.cancel(experimentId),
    'experiments.remove': ({ experimentId }) => {
      engine.experiments.remove(experimentId);
      return null;
    },
  }) satisfies Partial<EngineHandlers>;
