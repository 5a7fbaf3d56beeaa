/** Registered folders. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const datasetHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
