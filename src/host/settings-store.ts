/** Settings in use: read once, changed by patches, every change told to whoever listens. */
import { settings as schema, settingsPatch, type Settings, type SettingsPatch } from '../contract/settings.ts'; // prettier-ignore

/** Most recent first, as the start screen lists them. */
const RECENT_WORKSPACES = 20;

export class SettingsStore {
  private value: Settings;
  private readonly write: (settings: Settings) => void;
  private readonly listeners = new Set<(settings: Settings) => void>();

  /** @param write keeps them on disk; when it throws, nothing has changed */
  constructor(initial: Settings, write: (settings: Settings) => void) {
    this.value = initial;
    this.write = write;
  }

  get current(): Settings {
    return this.value;
  }

  /** What a window may change. */
  update(patch: SettingsPatch): Settings {
    return this.replace({ ...this.value, ...definedOnly(settingsPatch.parse(patch)) });
  }

  /** Only the host changes the workspace, after a person chose it. */
  chooseWorkspace(folder: string): Settings {
    const { recentWorkspaces } = this.value;
    const recent = [folder, ...recentWorkspaces.filter((other) => other !== folder)];
    return this.replace({
      ...this.value,
      workspace: folder,
      recentWorkspaces: recent.slice(0, RECENT_WORKSPACES),
    });
  }

  onChange(listener: (settings: Settings) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private replace(next: Settings): Settings {
    const checked = schema.parse(next);
    this.write(checked);
    this.value = checked;
    for (const listener of this.listeners) listener(checked);
    return checked;
  }
}

/** A field that is present but undefined changes nothing. */
const definedOnly = (patch: SettingsPatch): Partial<Settings> =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
