import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/core/doctor/run-program.ts';
import { wasmThreads } from '../../../src/core/tf/tfjs/tfjs-runtime.ts';

/** As on a machine with so many cores; the process must also end by itself. */
async function trainedOn(cores: number): Promise<{ threads: number; weights: unknown }> {
  const program = fileURLToPath(new URL('../../fixtures/wasm-threads.ts', import.meta.url));
  const args = [program, String(cores)];
  const { code, stdout, stderr } = await runProgram(process.execPath, args, { timeoutMs: 50_000 });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { threads: number; weights: unknown };
}

describe('threads of the wasm tier', () => {
  it('are half the cores, or fewer when asked for; one in Electron', () => {
    expect(wasmThreads(undefined, 8, false)).toBe(4);
    expect(wasmThreads(2, 8, false)).toBe(2);
    expect(wasmThreads(8, 8, false)).toBe(4);
    expect(wasmThreads(undefined, 1, false)).toBe(1);
    expect(wasmThreads(undefined, 8, true)).toBe(1);
  });

  it('run in Node, give the same bits as one thread, and let the process end', async () => {
    const one = await trainedOn(2);
    const two = await trainedOn(4);
    expect([one.threads, two.threads]).toEqual([1, 2]);
    expect(two.weights).toEqual(one.weights);
  });
});
