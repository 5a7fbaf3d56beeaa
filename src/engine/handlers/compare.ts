/** Comparisons of models. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const compareHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
