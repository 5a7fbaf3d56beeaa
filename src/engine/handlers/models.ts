/** Stored models. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const modelHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
