/** Runs a program to its end; a program that is missing, crashes or hangs is a result. */
import { execFile } from 'node:child_process';

export interface ProgramResult {
  /** Null when the program was killed by a signal or could not be started. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never throws. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly env?: NodeJS.ProcessEnv },
): Promise<ProgramResult> {
  const { timeoutMs, env } = options;
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { timeout: timeoutMs, ...(env === undefined ? {} : { env }) },
      (error, stdout, stderr) => {
        const exit = error?.code;
        resolve({
          code: error === null ? 0 : typeof exit === 'number' ? exit : null,
          signal: error?.signal ?? null,
          stdout,
          stderr,
        });
      },
    );
  });
}
