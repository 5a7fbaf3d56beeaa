/** Changes to the data that people make. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const curationHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
