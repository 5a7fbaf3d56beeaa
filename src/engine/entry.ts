/** What both entry points share: start, stop in order, crash loudly. */
import type { Transport } from '../rpc/transport.ts';
import { startEngine, type Engine } from './engine.ts';
import { optionsFromArguments } from './options.ts';
import { watchParent } from './watch-parent.ts';

/** Longest wait for a checkpoint before the process ends anyway; the host waits five seconds. */
const SHUTDOWN_MS = 4000;
/** `EX_SOFTWARE` of sysexits.h: an error inside the program. */
const CRASHED = 70;

/** Starts the engine with the options in the process's first argument. */
export function enter(): {
  readonly attach: (role: string, transport: Transport) => void;
  readonly stop: () => void;
} {
  for (const event of ['unhandledRejection', 'uncaughtException'] as const)
    process.on(event, (error: unknown) => {
      // The host shows the exit; the run goes on from its last checkpoint.
      console.error(error instanceof Error ? (error.stack ?? error.message) : error);
      process.exit(CRASHED);
    });
  const engine = startEngine(optionsFromArguments(process.argv));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void end(engine);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  watchParent(stop);
  return {
    stop,
    attach: (role, transport) => {
      if (role === 'window') engine.attachWindow(transport);
      else if (role === 'host') {
        engine.attachHost(transport);
        transport.onClose(stop);
      } else transport.close();
    },
  };
}

async function end(engine: Engine): Promise<void> {
  setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
  await engine.shutdown();
  process.exit(0);
}
