import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandIn } from '../../../scripts/run.mjs';
import {
  hasNvidiaDriver,
  machineFingerprint,
  requestedDevice,
  tiersToTry,
} from '../../../scripts/setup/device.mjs';
import { choiceStands, type SetupState } from '../../../scripts/setup/state.mjs';
import { isNeeded, readCudaRequirements, variantFor } from '../../../scripts/setup/wheels.mjs';
import { EXIT_CODES } from '../../../src/cli/exit-codes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-tiers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the device asked for', () => {
  it('is --device, then STRAYLIGHT_DEVICE, then auto', () => {
    const env = { STRAYLIGHT_DEVICE: 'wasm' };
    expect(requestedDevice(['--epochs', '1', '--device', 'cpu'], env)).toBe('cpu');
    expect(requestedDevice(['--device=cuda'], env)).toBe('cuda');
    expect(requestedDevice([], env)).toBe('wasm');
    expect(requestedDevice([], {})).toBe('auto');
  });

  it('is refused when unknown', () => {
    expect(() => requestedDevice(['--device', 'tpu'], {})).toThrow(/"tpu" is unknown.*cuda, cpu/);
    expect(() => requestedDevice(['--device', 'tpu'], {})).toThrow(
      expect.objectContaining({ exitCode: EXIT_CODES.usage }) as Error,
    );
  });
});

describe('the command', () => {
  it('is found behind the options of the program', () => {
    expect(commandIn(['train', './folder', '--epochs', '2'])).toBe('train');
    expect(commandIn(['--workspace', './place', '--device=cpu', '--json', 'resume', 'r-1'])).toBe(
      'resume',
    );
    expect(commandIn(['--help'])).toBe('');
  });
});

describe('tiers to try', () => {
  it('start with cuda where there is a driver or it was asked for', () => {
    expect(tiersToTry('auto', true)).toEqual(['cuda', 'cpu']);
    expect(tiersToTry('auto', false)).toEqual(['cpu']);
    expect(tiersToTry('cuda', false)).toEqual(['cuda', 'cpu']);
    expect(tiersToTry('cpu', true)).toEqual(['cpu']);
    expect(tiersToTry('wasm', true)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('see the driver by its library (Linux only)', () => {
    expect(hasNvidiaDriver({ PATH: folder }, [folder])).toBe(false);
    writeFileSync(path.join(folder, 'libcuda.so.1'), '');
    expect(hasNvidiaDriver({ PATH: folder }, [folder])).toBe(true);
  });
});

describe('a choice of tier', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const hour = 3600_000;
  const now = { device: 'auto', machine: 'm', nowMs: Date.parse(at) + 2 * hour, hasGpu: false };
  const state = (change: Partial<SetupState>): SetupState => ({
    device: 'wasm',
    requested: 'auto',
    tensorflow: null,
    blocked: [{ tier: 'cpu', reason: 'no pip', fix: 'install it', transient: false }],
    electron: null,
    node: '/node',
    cache: '/cache',
    at,
    machine: 'm',
    ...change,
  });
  const transient = { tier: 'cpu', reason: 'no network', fix: 'connect', transient: true } as const;

  it('stands for a day after a failure', () => {
    expect(choiceStands(state({}), now)).toBe(true);
    expect(choiceStands(state({}), { ...now, nowMs: Date.parse(at) + 25 * hour })).toBe(false);
  });

  it('stands for less than two hours after a network failure', () => {
    expect(choiceStands(state({ blocked: [transient] }), now)).toBe(false);
    expect(choiceStands(state({ blocked: [transient] }), { ...now, nowMs: Date.parse(at) })).toBe(
      true,
    );
  });

  it('falls when pip, a compiler or a driver appears', () => {
    expect(choiceStands(state({}), { ...now, machine: 'n' })).toBe(false);
    expect(choiceStands(state({ device: 'cpu', blocked: [] }), { ...now, hasGpu: true })).toBe(
      false,
    );
  });

  it('falls when the tier was only left out on request', () => {
    expect(choiceStands(state({ requested: 'wasm' }), now)).toBe(false);
    const cpuOnly = state({
      device: 'cpu',
      requested: 'cpu',
      blocked: [{ ...transient, tier: 'cuda', transient: false }],
    });
    expect(choiceStands(cpuOnly, { ...now, hasGpu: true })).toBe(false);
  });

  it('stands when something better is there', () => {
    expect(choiceStands(state({ device: 'cuda' }), { ...now, device: 'cpu' })).toBe(true);
    expect(choiceStands(state({}), { ...now, device: 'wasm' })).toBe(true);
    expect(choiceStands(null, { ...now, device: 'wasm' })).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('depends on the programs on PATH (POSIX only)', () => {
    const before = machineFingerprint({ PATH: folder });
    writeFileSync(path.join(folder, 'g++'), '');
    chmodSync(path.join(folder, 'g++'), 0o755);
    expect(machineFingerprint({ PATH: folder })).not.toBe(before);
  });
});

describe('wheels', () => {
  it('are pinned by hash, all of them', () => {
    const cuda = readCudaRequirements();
    const variants = ['linux-x64', 'linux-arm64', 'darwin-arm64'].map((place) => {
      const [platform = '', arch = ''] = place.split('-');
      return variantFor('cpu', platform, arch);
    });
    const requirements = [...cuda, ...variants.flatMap((variant) => variant?.requirements ?? [])];
    for (const line of requirements)
      expect(line).toMatch(/^[a-z0-9-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/);
    expect(variants).not.toContain(null);
    expect(cuda.filter((line) => line.startsWith('tensorflow=='))).toHaveLength(1);
    // The and-cuda extra of tensorflow 2.21.0 names twelve libraries.
    expect(cuda.filter((line) => /^nvidia-.*-cu12==/.test(line))).toHaveLength(12);
  });

  it('offer nothing to link on Windows, Intel Macs, or for CUDA on Arm', () => {
    expect(variantFor('cpu', 'win32', 'x64')).toBeNull();
    expect(variantFor('cpu', 'darwin', 'x64')).toBeNull();
    expect(variantFor('cuda', 'linux', 'arm64')).toBeNull();
  });

  it.each([
    ['tensorflow/libtensorflow_cc.so.2', true],
    ['tensorflow/libtensorflow_framework.2.dylib', true],
    ['tensorflow/include/tensorflow/c/eager/c_api.h', true],
    ['tensorflow/include/tsl/platform/ctstring_internal.h', true],
    ['tensorflow/THIRD_PARTY_NOTICES.txt', true],
    ['nvidia/cublas/lib/libcublas.so.12', true],
    ['nvidia/cuda_nvcc/bin/ptxas', true],
    ['nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc', true],
    ['nvidia_cudnn_cu12-9.28.0.42.dist-info/License.txt', true],
    ['tensorflow/python/_pywrap_tensorflow_internal.so', false],
    ['nvidia/cublas/include/cublas.h', false],
    ['tensorflow/include/tensorflow/c/c_api_experimental.h', false],
  ])('need %s: %s', (name, expected) => {
    expect(isNeeded(name)).toBe(expected);
  });
});
