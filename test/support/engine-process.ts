/** The engine as a process of its own, as the command line and the web server start it. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { hostContract, type HostContract } from '../../src/contract/methods.ts';
import { createClient, type Client } from '../../src/rpc/client.ts';
import { childProcessTransport } from '../../src/rpc/transports/child-process.ts';
import { multiplex } from '../../src/rpc/transports/multiplex.ts';
import { optionsFor, PROJECT_ROOT } from './engine.ts';

export const ENGINE_ENTRY = path.join(PROJECT_ROOT, 'src', 'engine', 'entry-node.ts');

export interface EngineChild {
  readonly child: ChildProcess;
  readonly client: Client<HostContract>;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly stderr: () => string;
}

export function startEngineProcess(workspace: string): EngineChild {
  const child = fork(ENGINE_ENTRY, [JSON.stringify(optionsFor(workspace))], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const client = createClient(hostContract, multiplex(childProcessTransport(child)).open('host'));
  return { child, client, exit, stderr: () => said };
}
