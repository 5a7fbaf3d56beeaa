/** Settings: one schema, kept by the host (electron-store, or a file beside the server). */
import { z } from 'zod';

/** What a window may change; the workspace changes through a dialog only. */
const changeable = {
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh-CN']),
  device: z.enum(['auto', 'cuda', 'cpu', 'wasm']),
  /** Null: chosen from the cores. */
  threads: z.int().min(1).max(512).nullable(),
  /** Signs thresholds and curation. */
  author: z.string().max(200),
  railCollapsed: z.boolean(),
  detailWidth: z.int().min(240).max(900),
  gridCell: z.int().min(32).max(256),
  firstStartDone: z.boolean(),
};

export const settings = z.strictObject({
  version: z.literal(1).default(1),
  theme: changeable.theme.default('system'),
  language: changeable.language.default('system'),
  device: changeable.device.default('auto'),
  threads: changeable.threads.default(null),
  /** Null: the default folder. */
  workspace: z.string().nullable().default(null),
  recentWorkspaces: z.array(z.string()).max(20).default([]),
  author: changeable.author.default(''),
  railCollapsed: changeable.railCollapsed.default(false),
  detailWidth: changeable.detailWidth.default(360),
  gridCell: changeable.gridCell.default(96),
  firstStartDone: changeable.firstStartDone.default(false),
});
export type Settings = z.infer<typeof settings>;

// From the fields without their defaults: those would fill what a patch leaves out, and undo every other choice.
export const settingsPatch = z.strictObject(changeable).partial();
export type SettingsPatch = z.infer<typeof settingsPatch>;
