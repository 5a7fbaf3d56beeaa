import { describe, expect, it } from 'vitest';
import { explainBlockedTiers } from '../../../src/core/doctor/collect.ts';
import { formatDoctorReport, isHealthy } from '../../../src/core/doctor/format.ts';
import type { DoctorReport, SelfTest } from '../../../src/core/doctor/report.ts';
import type { SetupState } from '../../../src/core/doctor/setup-state.ts';
import { readProbe } from '../../../src/core/doctor/self-test.ts';
import {
  collectDisk,
  parseCpuFeatures,
  parseNvidiaSmi,
  parseOsRelease,
} from '../../../src/core/doctor/system.ts';

const passed = { name: 'matmul', maxAbsError: 1e-6, tolerance: 1e-4, passed: true };
const ran = (tier: 'cuda' | 'cpu' | 'wasm'): SelfTest => ({
  status: 'ran',
  tier,
  tensorflowVersion: '2.21.0',
  tfjsVersion: '4.22.0',
  threads: 2,
  interOpThreads: 1,
  threadSource: 'measured',
  binding: tier === 'wasm' ? null : 'addon',
  blocked: [{ tier: 'cuda', reason: 'this TensorFlow sees no NVIDIA GPU' }],
  checks: [passed],
  loadMs: 1,
});
const failed: SelfTest = { status: 'failed', reason: 'it crashed (SIGSEGV)' };

describe('facts about the machine', () => {
  it('names the instruction sets in /proc/cpuinfo', () => {
    const x86 =
      'model name\t: Xeon\nflags\t\t: fpu sse avx avx2 fma avx512f avx512_bf16 amx_tile amx_bf16\n';
    expect(parseCpuFeatures(x86)).toEqual([
      'AVX',
      'AVX2',
      'FMA',
      'AVX512',
      'AVX512-BF16',
      'AMX',
      'AMX-BF16',
    ]);
    expect(parseCpuFeatures('Features\t: fp asimd sve bf16\n')).toEqual(['NEON', 'SVE', 'BF16']);
    expect(parseCpuFeatures('processor : 0\n')).toBeNull();
  });

  it('names the distribution', () => {
    expect(parseOsRelease('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
      'Debian GNU/Linux 12 (bookworm)',
    );
    expect(parseOsRelease('')).toBeNull();
  });

  it('reads nvidia-smi', () => {
    const csv = 'NVIDIA L4, 23034 MiB, 550.54.15\nNVIDIA L4, 23034 MiB, 550.54.15\n';
    expect(parseNvidiaSmi(csv)).toEqual({
      devices: ['NVIDIA L4, 23034 MiB', 'NVIDIA L4, 23034 MiB'],
      driver: '550.54.15',
    });
  });

  it('asks the nearest folder that exists for its free space', async () => {
    const disk = await collectDisk('cache', `${import.meta.dirname}/not/there/yet`);
    expect(disk.freeBytes).toBeGreaterThan(0);
  });
});

describe('blocked tiers', () => {
  const state: SetupState = {
    device: 'wasm',
    tensorflow: null,
    electron: null,
    cache: '/c',
    blocked: [{ tier: 'cpu', reason: 'no pip', fix: 'install pip' }],
  };
  const facts = { device: 'auto', state } as const;

  it('are those above the one in use, with what set-up met', () => {
    const blocked = explainBlockedTiers({ ...facts, selfTest: ran('wasm') });
    expect(blocked.map(({ tier }) => tier)).toEqual(['cuda', 'cpu']);
    expect(blocked[1]).toEqual({ tier: 'cpu', reason: 'no pip', fix: 'install pip' });
  });

  it('say what loading met where set-up met nothing', () => {
    const [cuda] = explainBlockedTiers({ ...facts, selfTest: ran('cpu') });
    expect(cuda?.reason).toBe('this TensorFlow sees no NVIDIA GPU');
  });

  it('are none on the best tier, and all when nothing loads', () => {
    expect(explainBlockedTiers({ ...facts, selfTest: ran('cuda') })).toEqual([]);
    const tiers = explainBlockedTiers({ ...facts, selfTest: failed }).map(({ tier }) => tier);
    expect(tiers).toEqual(['cuda', 'cpu', 'wasm']);
  });

  it('ask for set-up where it has not run', () => {
    const [cuda] = explainBlockedTiers({ device: 'auto', state: null, selfTest: ran('cpu') });
    expect(cuda).toMatchObject({ reason: 'set-up has not run', fix: 'Run `npm run setup`.' });
  });
});

describe('the end of the probe', () => {
  const end = { code: 0, signal: null, stdout: '', stderr: '' };

  it('is its last line, whatever a library printed before', () => {
    const result = readProbe({ ...end, stdout: `noise\n${JSON.stringify(ran('cpu'))}\n` }, 1000);
    expect(result).toEqual(ran('cpu'));
  });

  it.each([
    [{ ...end, code: null, signal: 'SIGSEGV' }, /^it crashed \(SIGSEGV\)$/],
    [{ ...end, code: null, signal: 'SIGILL' }, /instruction that this processor does not have/],
    [{ ...end, code: null, signal: 'SIGTERM' }, 'it did not finish within 1 s'],
    [{ ...end, code: null }, 'it could not be started'],
    [
      { ...end, code: 1, stderr: 'at x\nError: no libstdc++\n' },
      /exit code 1 \(Error: no libstdc\+\+\)/,
    ],
  ])('is a crash without one (%#)', (result, reason) => {
    const selfTest = readProbe(result, 1000);
    expect(selfTest).toEqual({ status: 'failed', reason: expect.stringMatching(reason) as string });
  });
});

describe('the report', () => {
  const report: DoctorReport = {
    requested: 'auto',
    system: {
      os: 'Debian 12',
      cpuModel: 'Xeon',
      cpuCount: 2,
      cpuFeatures: ['AVX2'],
      memoryBytes: 8e9,
      freeMemoryBytes: 4e9,
    },
    node: { version: 'v24.21.0', path: '/node' },
    electron: { path: '/e/electron', source: 'ELECTRON_OVERRIDE_DIST_PATH' },
    gpu: { devices: [], driver: null },
    disks: [{ label: 'cache', path: '/c', freeBytes: 5e9 }],
    tensorflow: { version: '2.21.0', variant: 'linux-x64-cpu', dir: '/c/tf', verified: true },
    selfTest: ran('cpu'),
    blocked: [{ tier: 'cuda', reason: 'no driver', fix: 'Install it.' }],
  };

  it('holds every fact that a bug report needs', () => {
    const text = formatDoctorReport(report);
    for (const fact of [
      'Debian 12',
      'Xeon, 2 cores',
      'AVX2',
      '8.0 GB',
      'v24.21.0',
      '/e/electron',
      'OVERRIDE',
      '/c, 5.0 GB free',
      '2.21.0',
      '2 within an operation, 1 operation at a time',
      'measured here',
      'max abs error 1.0e-6',
      'no driver',
      '-> Install it.',
    ])
      expect(text).toContain(fact);
    expect(text).not.toContain('unverified');
  });

  it('says how TensorFlow is called, and why not through the addon', () => {
    expect(formatDoctorReport(report)).toMatch(/Binding +addon/);
    const reason = 'no C++ compiler was found. Install it.';
    const tensorflow = { ...report.tensorflow!, binding: { kind: 'koffi' as const, reason } };
    const selfTest = { ...ran('cpu'), binding: 'koffi' } as SelfTest;
    const text = formatDoctorReport({ ...report, tensorflow, selfTest });
    expect(text).toMatch(/Binding +koffi, .*no C\+\+ compiler was found\. Install it\./);
    expect(formatDoctorReport({ ...report, selfTest: ran('wasm') })).not.toContain('Binding');
  });

  it('marks a platform that was not tested, and a wrong result', () => {
    const wrong = {
      ...ran('cpu'),
      checks: [{ ...passed, maxAbsError: Infinity, passed: false }],
    } as SelfTest;
    const tensorflow = { ...report.tensorflow!, verified: false };
    const text = formatDoctorReport({ ...report, tensorflow, selfTest: wrong });
    expect(text).toMatch(/unverified/);
    expect(text).toMatch(/WRONG/);
    expect(
      [report, { ...report, selfTest: wrong }, { ...report, selfTest: failed }].map(isHealthy),
    ).toEqual([true, false, false]);
  });
});
