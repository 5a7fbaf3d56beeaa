/** The engine in a utility process. Windows get a port of their own to it, so their data never passes through main. */
import { MessageChannelMain, utilityProcess, type MessagePortMain } from 'electron';
import type { EngineOptions } from '../engine/options.ts';
import { LastWords, type EngineProcess, type ProcessEnd } from '../host/engine-process.ts';
import { messagePortTransport } from '../rpc/transports/message-port.ts';

export interface ElectronEngine extends EngineProcess {
  /** The window's end of a new channel. */
  openPort(): MessagePortMain;
  readonly pid: number | undefined;
}

/** How long the last words may take to arrive after the process has ended. */
const LAST_WORDS_MS = 200;

/** @param entry the engine's entry point, which Electron's Node runs from its TypeScript source */
export function startElectronEngine(entry: string, options: EngineOptions): ElectronEngine {
  const child = utilityProcess.fork(entry, [JSON.stringify(options)], {
    stdio: 'pipe',
    serviceName: 'Straylight engine',
  });
  const words = new LastWords();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => words.add(chunk.toString('utf8')));
  const ended = Promise.withResolvers<ProcessEnd>();
  child.once('exit', (code) => {
    setTimeout(
      () => ended.resolve({ how: `exit code ${code}`, lastWords: words.text }),
      LAST_WORDS_MS,
    );
  });
  const attach = (role: 'host' | 'window'): MessagePortMain => {
    const { port1, port2 } = new MessageChannelMain();
    child.postMessage({ attach: role }, [port1]);
    return port2;
  };
  return {
    get pid() {
      return child.pid;
    },
    openHost: () => messagePortTransport(attach('host')),
    openPort: () => attach('window'),
    onEnd: (listener) => void ended.promise.then(listener),
    kill: (signal) => {
      if (signal === 'SIGTERM') child.kill();
      else if (child.pid !== undefined) killHard(child.pid);
    },
  };
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
