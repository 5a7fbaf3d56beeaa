/** Lists of images, one image, thumbnails, saved views. */
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';

export const imageHandlers = (_engine: EngineContext) => ({}) satisfies Partial<EngineHandlers>;
