/** The engine as a child of plain Node; browser tabs and the server share its one IPC channel. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineOptions } from '../engine/options.ts';
import { LastWords, type EngineProcess, type ProcessEnd } from '../host/engine-process.ts';
import type { Transport } from '../rpc/transport.ts';
import { childProcessTransport } from '../rpc/transports/child-process.ts';
import { multiplex } from '../rpc/transports/multiplex.ts';

const ENTRY = fileURLToPath(new URL('../engine/entry-node.ts', import.meta.url));

export interface NodeEngine extends EngineProcess {
  /** A channel for one browser tab. */
  openWindow(): Transport;
  readonly pid: number | undefined;
}

export function startNodeEngine(options: EngineOptions): NodeEngine {
  const child = fork(ENTRY, [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const words = new LastWords();
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => words.add(text));
  const ended = Promise.withResolvers<ProcessEnd>();
  child.on('error', (error) => ended.resolve({ how: error.message, lastWords: words.text }));
  // After `close` the streams have been read to their ends.
  child.on('close', (code, signal) =>
    ended.resolve({ how: signal ?? `exit code ${code ?? '?'}`, lastWords: words.text }),
  );
  const channels = multiplex(childProcessTransport(child));
  return {
    pid: child.pid,
    openHost: () => channels.open('host'),
    openWindow: () => channels.open('window'),
    onEnd: (listener) => void ended.promise.then(listener),
    kill: (signal) => void child.kill(signal),
  };
}
