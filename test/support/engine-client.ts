/** An engine in this process, called as a window calls it. */
import { windowContract, type WindowContract } from '../../src/contract/methods.ts';
import { startEngine, type Engine } from '../../src/engine/engine.ts';
import { createClient, type Client } from '../../src/rpc/client.ts';
import { inMemoryPair } from '../../src/rpc/transports/in-memory.ts';

export function engineClient(workspace: string): {
  readonly engine: Engine;
  readonly client: Client<WindowContract>;
} {
  const engine = startEngine({
    workspace,
    device: 'auto',
    threads: null,
    appVersion: '0.0.0',
    projectRoot: process.cwd(),
  });
  const [here, there] = inMemoryPair();
  engine.attachWindow(there);
  return { engine, client: createClient(windowContract, here) };
}
