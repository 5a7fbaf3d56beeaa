/** The engine itself: what it runs on, jobs under way, grants. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { engineInfo } from '../info.ts';

export const appHandlers = (engine: EngineContext) =>
  ({
    'app.info': () => engineInfo(engine),
    'app.loadRuntime': async () => {
      await engine.runtime();
      return engineInfo(engine);
    },
    'jobs.watch': async (_params, { signal, emit }) => {
      await engine.jobs.watch((jobs) => emit(jobs), signal);
      return null;
    },
    'jobs.cancel': ({ jobId }) => {
      engine.jobs.cancel(jobId);
      return null;
    },
    'jobs.clear': () => {
      engine.jobs.clear();
      return null;
    },
    'engine.shutdown': async () => {
      await engine.close();
      return null;
    },
    'grants.add': ({ path }) => engine.grants.add(path),
  }) satisfies Partial<EngineHandlers>;
