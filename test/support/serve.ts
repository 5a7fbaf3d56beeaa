/** `straylight serve` as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Served {
  readonly process: ChildProcess;
  readonly port: number;
  /** The first address that it printed. */
  readonly link: string;
  readonly ended: Promise<number | null>;
  /** Everything it has printed. */
  output(): string;
}

/** @returns once an address has been printed. @throws what was printed instead */
export function startServe(
  {
    config,
    workspace,
    program = process.execPath,
  }: { readonly config: string; readonly workspace: string; readonly program?: string },
  ...args: readonly string[]
): Promise<Served> {
  const child = spawn(program, [MAIN, '--workspace', workspace, 'serve', ...args], {
    env: { ...process.env, STRAYLIGHT_CONFIG: config },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const [link, port] = /http:\/\/127\.0\.0\.1:(\d+)\/open\?code=[\w-]+/.exec(output) ?? [];
      if (link !== undefined)
        resolve({ process: child, port: Number(port), link, ended, output: () => output });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => reject(new Error(`serve ended: ${output}`)));
  });
}
