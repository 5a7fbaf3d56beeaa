import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BINDING_HASHES,
  checkBindingSources,
  requireCompiler,
} from '../../../scripts/setup/addon.mjs';
import { missingPackages } from '../../../scripts/setup/apt.mjs';
import { executableIn, findElectron } from '../../../scripts/setup/electron.mjs';
import { makeFolderAtomic } from '../../../scripts/setup/files.mjs';
import { runEnvironment } from '../../../scripts/setup/foreground.mjs';
import { withLock } from '../../../scripts/setup/lock.mjs';
import { formatDuration, formatProgress } from '../../../scripts/setup/log.mjs';
import { cacheDir, TFJS_NODE_DIR } from '../../../scripts/setup/paths.mjs';
import type { SetupState } from '../../../scripts/setup/state.mjs';
import { hasDisplay } from '../../../scripts/start.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-machine-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the cache', () => {
  it('lies where each platform keeps caches', () => {
    expect(cacheDir({ XDG_CACHE_HOME: '/c' }, 'linux', '/home/u')).toBe('/c/straylight');
    expect(cacheDir({}, 'linux', '/home/u')).toBe('/home/u/.cache/straylight');
    // "If an implementation encounters a relative path […] it should consider the path invalid and ignore it."
    expect(cacheDir({ XDG_CACHE_HOME: 'c' }, 'linux', '/home/u')).toBe('/home/u/.cache/straylight');
    expect(cacheDir({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Caches/straylight');
    expect(cacheDir({ LOCALAPPDATA: '/L' }, 'win32', '/u')).toBe('/L/straylight');
  });
});

describe('progress', () => {
  it('shows percent, rate and time left', () => {
    const state = {
      label: 'Wheel',
      done: 100e6,
      total: 300e6,
      elapsedS: 10,
      unit: 'bytes',
    } as const;
    expect(formatProgress(state)).toBe('Wheel: 33%  100 MB of 300 MB  10 MB/s  20 s left');
  });

  it('leaves out what cannot be known', () => {
    const state = { label: 'Wheel', done: 5e6, total: null, elapsedS: 0.1, unit: 'bytes' } as const;
    expect(formatProgress(state)).toBe('Wheel: 5 MB');
    expect(formatDuration(185)).toBe('3 min 05 s');
  });
});

describe('the lock', () => {
  it('lets one holder in at a time', async () => {
    const file = path.join(folder, 'lock');
    const events: string[] = [];
    const hold = (name: string): Promise<void> =>
      withLock(file, async () => {
        events.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push(`${name} out`);
      });
    await Promise.all([hold('a'), hold('b')]);
    expect(
      [events.slice(0, 2), events.slice(2)].map((pair) => pair.map((event) => event.slice(2))),
    ).toEqual([
      ['in', 'out'],
      ['in', 'out'],
    ]);
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from a process that died, and released after an error', async () => {
    const file = path.join(folder, 'lock');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(file, JSON.stringify({ pid, host: os.hostname() }));
    const failing = withLock(file, () => Promise.reject(new Error('work failed')));
    await expect(failing).rejects.toThrow('work failed');
    expect(existsSync(file)).toBe(false);
  });
});

describe('a folder made atomically', () => {
  it('is not there after a failure, and leftovers of a killed run go', async () => {
    const target = path.join(folder, 'made');
    mkdirSync(`${target}.tmp-killed`);
    const failing = makeFolderAtomic(target, (temporary) => {
      writeFileSync(path.join(temporary, 'half'), '');
      return Promise.reject(new Error('disk full'));
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.tmp-killed`)).toBe(false);
  });
});

describe('the addon', () => {
  it('is built from the published sources only', () => {
    const binding = path.join(TFJS_NODE_DIR, 'binding');
    expect(() => checkBindingSources(binding)).not.toThrow();
    for (const name of Object.keys(BINDING_HASHES))
      writeFileSync(path.join(folder, name), readFileSync(path.join(binding, name)));
    writeFileSync(path.join(folder, 'utils.h'), '// patched');
    expect(() => checkBindingSources(folder)).toThrow(/utils\.h is not the published source/);
  });

  it('is not tried without a compiler', () => {
    expect(() => requireCompiler({ PATH: folder })).toThrow(/no C\+\+ compiler was found/);
  });
});

describe('the environment of the app', () => {
  const tensorflow = { version: '2.21.0', variant: 'linux-x64-cuda', dir: '', verified: false };
  const state = (): SetupState => ({
    device: 'cuda',
    requested: 'auto',
    tensorflow: { ...tensorflow, dir: folder },
    blocked: [],
    electron: null,
    node: '/node24/bin/node',
    cache: folder,
    at: '',
    machine: '',
  });

  it('leads to the CUDA libraries', () => {
    mkdirSync(path.join(folder, 'nvidia', 'cublas', 'lib'), { recursive: true });
    const env = runEnvironment(state(), 'auto', { PATH: '/bin', LD_LIBRARY_PATH: '/old' });
    expect(env['LD_LIBRARY_PATH']).toBe(`${path.join(folder, 'nvidia', 'cublas', 'lib')}:/old`);
    expect(env['PATH']?.split(path.delimiter)).toContain('/node24/bin');
  });

  it('asks glibc for large pages, beside what is set already and not against it', () => {
    const tunablesOf = (given?: string) =>
      runEnvironment(state(), 'auto', {
        PATH: '/bin',
        ...(given === undefined ? {} : { GLIBC_TUNABLES: given }),
      }).GLIBC_TUNABLES;
    expect(tunablesOf()).toBe('glibc.malloc.hugetlb=1');
    expect(tunablesOf('glibc.pthread.rseq=0')).toBe('glibc.pthread.rseq=0:glibc.malloc.hugetlb=1');
    expect(tunablesOf('glibc.malloc.hugetlb=0')).toBe('glibc.malloc.hugetlb=0');
  });

  it('hides the GPU when the processor is asked for', () => {
    const env = runEnvironment(state(), 'cpu', { PATH: '/bin' });
    expect(env).toMatchObject({ CUDA_VISIBLE_DEVICES: '-1', STRAYLIGHT_DEVICE: 'cpu' });
  });
});

describe('the window', () => {
  it('takes the Electron that ELECTRON_OVERRIDE_DIST_PATH names', () => {
    const file = path.join(folder, executableIn());
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
    const found = findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder });
    expect(found).toEqual({ path: file, source: 'ELECTRON_OVERRIDE_DIST_PATH' });
  });

  it('needs a display on Linux', () => {
    expect(hasDisplay({}, 'linux')).toBe(false);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
    expect(hasDisplay({}, 'darwin')).toBe(true);
  });

  it('needs system packages that are told by their programs', () => {
    expect(missingPackages(['chromium', 'xvfb', 'xauth'], { PATH: folder })).toEqual([
      'chromium',
      'xvfb',
      'xauth',
    ]);
  });
});
