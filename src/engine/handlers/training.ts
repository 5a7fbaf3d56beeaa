/** Training runs and their queue. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const trainingHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
