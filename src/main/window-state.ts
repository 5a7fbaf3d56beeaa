/** Where the window was, and whether it can be there again. Pure. */
import { z } from 'zod';

const rectangle = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(320).max(20_000),
  height: z.int().min(240).max(20_000),
});
export type Rectangle = z.infer<typeof rectangle>;

export const windowState = z.object({ bounds: rectangle, maximized: z.boolean() });
export type WindowState = z.infer<typeof windowState>;

export const DEFAULT_SIZE = { width: 1440, height: 900 } as const;
/** The least that the screens are made for. */
export const SMALLEST_SIZE = { width: 960, height: 600 } as const;
/** So much of the title bar must be on a screen for a person to take hold of it. */
const GRIP_PIXELS = 80;

/**
 * @param stored as it was read from disk
 * @param workAreas of the displays that are there now
 * @returns null when the window would be out of reach: a display was taken away, or the record is damaged
 */
export function restoredState(
  stored: unknown,
  workAreas: readonly Rectangle[],
): WindowState | null {
  const parsed = windowState.safeParse(stored);
  if (!parsed.success) return null;
  const { x, y, width } = parsed.data.bounds;
  const reachable = workAreas.some((area) => {
    const overlap = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
    return overlap >= GRIP_PIXELS && y >= area.y && y <= area.y + area.height - GRIP_PIXELS;
  });
  return reachable ? parsed.data : null;
}
