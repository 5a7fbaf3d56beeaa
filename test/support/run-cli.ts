/** Runs the command line as a user does: a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a running command has printed so far. */
export interface RunningCli {
  readonly result: Promise<CliResult>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our ends of its stdout and stderr, as `head` does when it has seen enough. */
  stopReading(): void;
  /** Resolves when the text has been printed on stdout or stderr. */
  printed(text: string): Promise<void>;
}

export function startCli(args: readonly string[], env: Record<string, string> = {}): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Map<string, () => void>();
  const look = (): void => {
    for (const [text, resolve] of waiting) if ((stdout + stderr).includes(text)) resolve();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    look();
  });
  return {
    result: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    }),
    kill: (signal) => void child.kill(signal),
    stopReading: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    printed: (text) =>
      new Promise((resolve) => {
        waiting.set(text, resolve);
        look();
      }),
  };
}

export const runCli = (args: readonly string[], env?: Record<string, string>): Promise<CliResult> =>
  startCli(args, env).result;

/** The value of the `result` line of a `--json` run, as the type that its caller expects. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the shape at the call
export function resultOf<T>({ stdout, stderr }: CliResult): T {
  const lines = stdout.trim().split('\n');
  for (const line of lines) {
    const message = JSON.parse(line) as { type: string; value?: T };
    if (message.type === 'result') return message.value!;
  }
  throw new Error(`No result line. stdout: ${stdout}\nstderr: ${stderr}`);
}
