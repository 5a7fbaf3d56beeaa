/** Settings: one schema, kept by the host (electron-store, or a file beside the server). */
import { z } from 'zod';

export const settings = z.strictObject({
  version: z.literal(1).default(1),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  language: z.enum(['system', 'en', 'zh-CN']).default('system'),
  device: z.enum(['auto', 'cuda', 'cpu', 'wasm']).default('auto'),
  /** Null: chosen from the cores. */
  threads: z.int().min(1).max(512).nullable().default(null),
  /** Null: the default folder. */
  workspace: z.string().nullable().default(null),
  recentWorkspaces: z.array(z.string()).max(20).default([]),
  /** Signs thresholds and curation. */
  author: z.string().max(200).default(''),
  railCollapsed: z.boolean().default(false),
  detailWidth: z.int().min(240).max(900).default(360),
  gridCell: z.int().min(32).max(256).default(96),
  firstStartDone: z.boolean().default(false),
});
export type Settings = z.infer<typeof settings>;

/** What a window may change; the workspace changes through a dialog only. */
export const settingsPatch = settings
  .omit({ version: true, workspace: true, recentWorkspaces: true })
  .partial();
export type SettingsPatch = z.infer<typeof settingsPatch>;
