/** The engine: core behind the contract, for any number of windows and one host. */
import { hostContract, windowContract } from '../contract/methods.ts';
import { serve } from '../rpc/server.ts';
import type { Transport } from '../rpc/transport.ts';
import { EngineContext } from './context.ts';
import { engineHandlers } from './handlers.ts';
import type { EngineOptions } from './options.ts';

export interface Engine {
  readonly context: EngineContext;
  /** Serves what windows may call. */
  attachWindow(transport: Transport): void;
  /** Serves everything. */
  attachHost(transport: Transport): void;
  /** Checkpoints what runs and closes the workspace; never throws. */
  shutdown(): Promise<void>;
}

export function startEngine(options: EngineOptions): Engine {
  const context = new EngineContext(options);
  const handlers = engineHandlers(context);
  if (!context.workspaceError) {
    context.queue.open();
    context.experiments.open();
  }
  return {
    context,
    attachWindow: (transport) => void serve(windowContract, handlers, transport),
    attachHost: (transport) => void serve(hostContract, handlers, transport),
    shutdown: () => context.close(),
  };
}
