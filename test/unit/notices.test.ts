/** Whoever hands Straylight on must be able to say what is in it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
const notices = readFileSync(path.join(root, 'THIRD_PARTY_NOTICES.md'), 'utf8');
const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version: string; dev?: boolean }>;
};

describe('third-party notices', () => {
  it('name every package that Straylight runs with, and no other', () => {
    const needed = Object.entries(lock.packages)
      .filter(([where, { dev }]) => where !== '' && dev !== true)
      .map(([where, { version }]) => `${where.split('node_modules/').at(-1)!} ${version}`);
    const listed = [...notices.matchAll(/^\| (\S+) \| (\d\S*) \|/gm)]
      .map(([, name, version]) => `${name} ${version}`)
      .filter((entry) => !entry.startsWith('TensorFlow'));
    expect(new Set(listed)).toEqual(new Set(needed));
  });

  it('state a licence for each', () => {
    expect(notices).not.toContain('not stated');
    expect(notices).not.toContain('undefined');
  });
});
