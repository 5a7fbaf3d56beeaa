/** The settings file, as it is found at start. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../contract/settings.ts';
import { readSettingsText } from './settings-text.ts';

export interface LoadedSettings {
  readonly settings: Settings;
  /** A line for people when the file could not be taken as it was. */
  readonly warning: string | null;
}

/** Reads the file; one that is not wholly understood is moved aside, never overwritten. */
export function loadSettingsFile(file: string): LoadedSettings {
  const { settings, problem } = readSettingsText(
    existsSync(file) ? readFileSync(file, 'utf8') : null,
  );
  if (problem === null) return { settings, warning: null };
  const aside = freeName(file);
  renameSync(file, aside);
  return {
    settings,
    warning: `Settings: ${problem}. The former file is kept as ${aside}; check your settings.`,
  };
}

function freeName(file: string): string {
  for (let number = 1; ; number++) {
    const name = join(dirname(file), `settings.kept-${number}.json`);
    if (!existsSync(name)) return name;
  }
}
