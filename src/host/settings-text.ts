/** Reads a settings file of any age. Pure: text in, settings out; who moves files aside is the caller. */
import { settings as schema, type Settings } from '../contract/settings.ts';

export const SETTINGS_VERSION = 1;

/** Turns the record of one version into that of the next. */
export type Migration = (
  record: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>;

/** `MIGRATIONS[n]` leads from version n to n + 1. A file without a version is of version 0: only tests of the app wrote such. */
export const MIGRATIONS: readonly Migration[] = [(record) => record];

export interface ReadSettings {
  readonly settings: Settings;
  /** Set when the file holds something that these settings do not: it is to be kept under another name. */
  readonly problem: string | null;
}

/**
 * Takes what can be understood; a field that cannot be is its default, so one bad value never costs the rest.
 * @param text null when there is no file yet
 */
export function readSettingsText(
  text: string | null,
  migrations: readonly Migration[] = MIGRATIONS,
): ReadSettings {
  if (text === null) return { settings: schema.parse({}), problem: null };
  const stored = parseRecord(text);
  if (!stored)
    return { settings: schema.parse({}), problem: 'it is not a JSON object, so the defaults are used' }; // prettier-ignore
  const { version = 0 } = stored;
  const known = typeof version === 'number' && Number.isInteger(version) && version >= 0;
  let record: Readonly<Record<string, unknown>> = stored;
  if (known) for (const migrate of migrations.slice(version)) record = migrate(record);
  const problems = known && version <= migrations.length ? [] : [`its version is ${JSON.stringify(version)}, this app knows ${migrations.length}`]; // prettier-ignore
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (name === 'version') continue;
    const field = Object.hasOwn(schema.shape, name) ? schema.shape[name as keyof Settings] : null;
    if (!field) problems.push(`${JSON.stringify(name)} is not a setting`);
    else if (!field.safeParse(value).success)
      problems.push(`${name} has a value that it cannot have`); // prettier-ignore
    else fields[name] = value;
  }
  return { settings: schema.parse(fields), problem: problems.length === 0 ? null : problems.join('; ') }; // prettier-ignore
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
