/** Scores, thresholds, confusion, embeddings. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const scoreHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
