/** Runs the probe and understands how it ended. */
import { fileURLToPath } from 'node:url';
import type { Device } from '../tf/runtime.ts';
import type { SelfTest } from './report.ts';
import { runProgram, type ProgramResult } from './run-program.ts';

/**
 * Loads the tier in a child process and compares a convolution and a matrix product with plain loops.
 * @param nodePath a Node that runs TypeScript
 */
export async function runSelfTest(options: {
  readonly device: Device;
  readonly nodePath: string;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<SelfTest> {
  const probe = fileURLToPath(new URL('./probe.ts', import.meta.url));
  const { device, nodePath, timeoutMs = 120_000, env } = options;
  const end = await runProgram(nodePath, [probe, device], { timeoutMs, ...(env ? { env } : {}) });
  return readProbe(end, timeoutMs);
}

/** The probe's last line is its result; without one it crashed. */
export function readProbe(result: ProgramResult, timeoutMs: number): SelfTest {
  const last = result.stdout.trim().split('\n').pop() ?? '';
  try {
    const parsed = JSON.parse(last) as SelfTest;
    // Infinity has no JSON form.
    if (parsed.status === 'failed') return parsed;
    const checks = parsed.checks.map((check) => ({
      ...check,
      maxAbsError: (check.maxAbsError as number | null) ?? Infinity,
    }));
    return { ...parsed, checks };
  } catch {
    return { status: 'failed', reason: describeEnd(result, timeoutMs) };
  }
}

function describeEnd({ code, signal, stderr }: ProgramResult, timeoutMs: number): string {
  const line = stderr.split('\n').find((text) => /error|fatal|abort/i.test(text));
  const said = line === undefined ? '' : ` (${line.trim()})`;
  if (signal === 'SIGTERM') return `it did not finish within ${timeoutMs / 1000} s${said}`;
  if (signal === 'SIGILL')
    return `it crashed on an instruction that this processor does not have (SIGILL)${said}`;
  if (signal !== null) return `it crashed (${signal})${said}`;
  return code === null
    ? `it could not be started${said}`
    : `it ended with exit code ${code}${said}`;
}
