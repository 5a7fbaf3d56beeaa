/** Facts about the machine. */
import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import { dirname } from 'node:path';
import { runProgram } from './run-program.ts';
import type { DiskFacts, GpuFacts, SystemFacts } from './report.ts';

/** Instruction sets that oneDNN uses, as /proc/cpuinfo and macOS spell them, with their usual names. */
const FEATURES: readonly (readonly [flag: string, name: string])[] = [
  ['avx', 'AVX'],
  ['avx2', 'AVX2'],
  ['fma', 'FMA'],
  ['avx512f', 'AVX512'],
  ['avx512_vnni', 'AVX512-VNNI'],
  ['avx512_bf16', 'AVX512-BF16'],
  ['amx_tile', 'AMX'],
  ['amx_bf16', 'AMX-BF16'],
  ['asimd', 'NEON'],
  ['sve', 'SVE'],
  ['bf16', 'BF16'],
];

/**
 * Reads the processor's features out of /proc/cpuinfo (`flags` on x86, `Features` on Arm).
 * @returns null when the text has no such line
 */
export function parseCpuFeatures(cpuinfo: string): string[] | null {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1];
  if (line === undefined) return null;
  const flags = new Set(line.split(/\s+/));
  return FEATURES.filter(([flag]) => flags.has(flag)).map(([, name]) => name);
}

/** The name of the distribution in /etc/os-release, or null. */
export function parseOsRelease(text: string): string | null {
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? null;
}

/** Operating system, processor and memory. */
export async function collectSystem(): Promise<SystemFacts> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => null);
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const distribution = parseOsRelease(release);
  const kernel = `${os.type()} ${os.release()} ${process.arch}`;
  const processors = os.cpus();
  return {
    os: distribution === null ? kernel : `${distribution}, ${kernel}`,
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cpuCount: os.availableParallelism(),
    cpuFeatures: cpuinfo === null ? null : parseCpuFeatures(cpuinfo),
    memoryBytes: os.totalmem(),
    freeMemoryBytes: os.freemem(),
  };
}

/** Free space where a path lies, or will lie: the nearest folder that exists is asked. */
export async function collectDisk(label: DiskFacts['label'], path: string): Promise<DiskFacts> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return { label, path, freeBytes: bavail * bsize };
    } catch {
      if (folder === dirname(folder)) return { label, path, freeBytes: null };
    }
  }
}

/** Parses the lines of `nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader`. */
export function parseNvidiaSmi(csv: string): GpuFacts {
  const rows = csv
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 3);
  return {
    devices: rows.map(([name, memory]) => `${name ?? ''}, ${memory ?? ''}`),
    driver: rows[0]?.[2] ?? null,
  };
}

/** NVIDIA GPUs and their driver, as the driver's own tool tells them. */
export async function collectGpu(): Promise<GpuFacts> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const { code, stdout } = await runProgram('nvidia-smi', query, { timeoutMs: 15_000 });
  return code === 0 ? parseNvidiaSmi(stdout) : { devices: [], driver: null };
}
