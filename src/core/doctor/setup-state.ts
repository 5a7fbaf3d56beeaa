/** Reads what set-up wrote about this clone. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const SetupState = z.object({
  device: z.enum(['cuda', 'cpu', 'wasm']),
  tensorflow: z
    .object({
      version: z.string(),
      variant: z.string(),
      dir: z.string(),
      verified: z.boolean(),
      /** How TensorFlow is called, and why not through the addon. */
      binding: z
        .object({ kind: z.enum(['addon', 'koffi']), reason: z.string().nullable() })
        .optional(),
    })
    .nullable(),
  blocked: z.array(
    z.object({ tier: z.enum(['cuda', 'cpu']), reason: z.string(), fix: z.string() }),
  ),
  electron: z.object({ path: z.string(), source: z.string() }).nullable(),
  cache: z.string(),
});
export type SetupState = z.infer<typeof SetupState>;

/**
 * @param projectRoot folder with package.json
 * @returns null when set-up has not run here or its file is damaged
 */
export async function readSetupState(projectRoot: string): Promise<SetupState | null> {
  try {
    const text = await readFile(path.join(projectRoot, '.setup', 'state.json'), 'utf8');
    return SetupState.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
