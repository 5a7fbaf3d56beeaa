/** What a host tells the engine when it starts it. Travels as JSON in the first argument. */
import { z } from 'zod';

export const engineOptions = z.strictObject({
  /** Absolute path of the workspace folder; made when it is not there. */
  workspace: z.string().min(1),
  device: z.enum(['auto', 'cuda', 'cpu', 'wasm']).default('auto'),
  /** Threads within one op; null: chosen from the cores. */
  threads: z.int().min(1).max(512).nullable().default(null),
  appVersion: z.string(),
  /** The project's root, where `resources/` and the state of the set-up are. */
  projectRoot: z.string().min(1),
});
export type EngineOptions = z.infer<typeof engineOptions>;

/** @throws when the argument is missing or not the options */
export function optionsFromArguments(argv: readonly string[]): EngineOptions {
  return engineOptions.parse(JSON.parse(argv[2] ?? ''));
}
