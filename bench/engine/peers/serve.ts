/** The benchmark's side of a peer in Node: one JSON request per line in, one JSON answer per line out. */
import fs from 'node:fs';
import readline from 'node:readline';
import type { Case } from '../cases.ts';

type Request =
  | { readonly op: 'prepare'; readonly case: Case }
  | { readonly op: 'run'; readonly steps: number }
  | { readonly op: 'memory' };

/** VmHWM or VmRSS of this process; 0 where /proc does not tell. */
function memoryMb(field: 'VmHWM' | 'VmRSS'): number {
  try {
    const status = fs.readFileSync('/proc/self/status', 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** @param prepare returns the function that does one step */
export async function serve(
  version: string,
  prepare: (what: Case) => (() => Promise<unknown>) | Promise<() => Promise<unknown>>,
): Promise<void> {
  const baseMb = memoryMb('VmRSS');
  let step: () => Promise<unknown> = () => Promise.reject(new Error('nothing was prepared'));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    let answer: object;
    if (request.op === 'prepare') {
      step = await prepare(request.case);
      answer = { version };
    } else if (request.op === 'run') {
      const { steps } = request;
      const cpu = process.cpuUsage();
      const wall = performance.now();
      for (let i = 0; i < steps; i++) await step();
      const wallMs = (performance.now() - wall) / steps;
      const { user, system } = process.cpuUsage(cpu);
      answer = { wallMs, cpuMs: (user + system) / 1000 / steps };
    } else answer = { peakMb: memoryMb('VmHWM'), baseMb };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
