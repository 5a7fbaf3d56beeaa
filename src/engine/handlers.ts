/** What answers each method of the contract. */
import type { HostContract } from '../contract/methods.ts';
import type { Handlers } from '../rpc/server.ts';
import type { EngineContext } from './context.ts';
import { appHandlers } from './handlers/app.ts';
import { compareHandlers } from './handlers/compare.ts';
import { curationHandlers } from './handlers/curation.ts';
import { datasetHandlers } from './handlers/datasets.ts';
import { doctorHandlers } from './handlers/doctor.ts';
import { embeddingHandlers } from './handlers/embedding.ts';
import { experimentHandlers } from './handlers/experiments.ts';
import { imageHandlers } from './handlers/images.ts';
import { modelHandlers } from './handlers/models.ts';
import { reportHandlers } from './handlers/reports.ts';
import { robustnessHandlers } from './handlers/robustness.ts';
import { scoreHandlers } from './handlers/scores.ts';
import { trainingHandlers } from './handlers/training.ts';

export type EngineHandlers = Handlers<HostContract>;

/** Compiles only when every method of the contract is built. */
export const engineHandlers = (engine: EngineContext): EngineHandlers => ({
  ...appHandlers(engine),
  ...doctorHandlers(engine),
  ...datasetHandlers(engine),
  ...imageHandlers(engine),
  ...trainingHandlers(engine),
  ...experimentHandlers(engine),
  ...modelHandlers(engine),
  ...scoreHandlers(engine),
  ...compareHandlers(engine),
  ...robustnessHandlers(engine),
  ...embeddingHandlers(engine),
  ...curationHandlers(engine),
  ...reportHandlers(engine),
});
