import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settings as schema } from '../../../src/contract/settings.ts';
import { loadSettingsFile } from '../../../src/host/settings-file.ts';
import { SettingsStore } from '../../../src/host/settings-store.ts';
import { MIGRATIONS, readSettingsText, SETTINGS_VERSION } from '../../../src/host/settings-text.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'straylight-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('reading settings', () => {
  it('there is a migration from every version before this one', () => {
    expect(MIGRATIONS).toHaveLength(SETTINGS_VERSION);
    expect(schema.parse({}).version).toBe(SETTINGS_VERSION);
  });

  it('a file of an older version goes through every migration after its own, in order', () => {
    const steps = [
      (record: object) => ({ ...record, author: 'from 0' }),
      ({ name, ...record }: Readonly<Record<string, unknown>>) => ({ ...record, author: name }),
      ({ mode, ...record }: Readonly<Record<string, unknown>>) => ({ ...record, theme: mode }),
    ];
    const second = readSettingsText(
      JSON.stringify({ version: 1, name: 'Ada', mode: 'dark' }),
      steps,
    );
    expect(second.settings).toMatchObject({ author: 'Ada', theme: 'dark' });
  });

  it('one value that cannot be costs that value only, and the file is told to be kept', () => {
    const { settings, problem } = readSettingsText(
      JSON.stringify({ version: 1, theme: 'plaid', author: 'Ada', gridCell: 1e9 }),
    );
    expect(settings).toEqual({ ...schema.parse({}), author: 'Ada' });
    expect(problem).toMatch(/theme.*gridCell/);
  });

  it.each(['', '{"theme":', '[]', 'null', '"dark"', '\u0000\u0001'])(
    'a damaged file (%j) gives the defaults',
    (text) => {
      const { settings, problem } = readSettingsText(text);
      expect(settings).toEqual(schema.parse({}));
      expect(problem).not.toBeNull();
    },
  );

  it('a key named __proto__ changes nothing', () => {
    const { settings } = readSettingsText('{"version":1,"__proto__":{"theme":"dark"}}');
    expect(settings.theme).toBe('system');
    expect(({} as Record<string, unknown>)['theme']).toBeUndefined();
  });
});

describe('the settings file', () => {
  it('that does not exist gives the defaults without a warning', () => {
    expect(loadSettingsFile(join(folder, 'settings.json'))).toEqual({
      settings: schema.parse({}),
      warning: null,
    });
  });

  it('of a newer version is kept under another name, and what is known of it is used', () => {
    const file = join(folder, 'settings.json');
    const text = JSON.stringify({ version: 7, author: 'Ada', hologram: true });
    writeFileSync(file, text);
    const { settings, warning } = loadSettingsFile(file);
    expect(settings.author).toBe('Ada');
    expect(warning).toContain('settings.kept-1.json');
    expect(readFileSync(join(folder, 'settings.kept-1.json'), 'utf8')).toBe(text);
  });

  it('moved aside twice never overwrites the first', () => {
    const file = join(folder, 'settings.json');
    for (const text of ['one', 'two']) {
      writeFileSync(file, text);
      loadSettingsFile(file);
    }
    expect(readdirSync(folder).sort()).toEqual(['settings.kept-1.json', 'settings.kept-2.json']);
  });
});

describe('changing settings', () => {
  it('a window cannot set the workspace', () => {
    const store = new SettingsStore(schema.parse({}), () => undefined);
    expect(() => store.update({ workspace: '/etc' } as never)).toThrow();
    expect(store.current.workspace).toBeNull();
  });

  it('a patch changes what it names and nothing else', () => {
    const store = new SettingsStore(schema.parse({ author: 'Ada', gridCell: 64 }), () => undefined);
    expect(store.update({ theme: 'dark' })).toEqual(
      schema.parse({ author: 'Ada', gridCell: 64, theme: 'dark' }),
    );
  });

  it('what cannot be written is not in use either', () => {
    const store = new SettingsStore(schema.parse({}), () => {
      throw new Error('disk full');
    });
    expect(() => store.update({ theme: 'dark' })).toThrow('disk full');
    expect(store.current.theme).toBe('system');
  });

  it('listeners hear of a change until they stop listening', () => {
    const store = new SettingsStore(schema.parse({}), () => undefined);
    const heard: string[] = [];
    const stop = store.onChange(({ theme }) => heard.push(theme));
    store.update({ theme: 'dark' });
    stop();
    store.update({ theme: 'light' });
    expect(heard).toEqual(['dark']);
  });

  it('a workspace that is chosen again moves to the front of the list', () => {
    const store = new SettingsStore(schema.parse({}), () => undefined);
    for (const folder of ['/a', '/b', '/a']) store.chooseWorkspace(folder);
    expect(store.current).toMatchObject({ workspace: '/a', recentWorkspaces: ['/a', '/b'] });
  });
});
