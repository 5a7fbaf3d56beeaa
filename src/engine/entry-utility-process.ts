/**
 * The engine in an Electron `utilityProcess`.
 *
 * Main forks it with the options as JSON in the first argument and hands it ends of `MessageChannelMain`:
 * `child.postMessage({ attach: 'host' | 'window' }, [port])`. The engine ends when the host's port closes.
 */
import { z } from 'zod';
import { messagePortTransport, type PortLike } from '../rpc/transports/message-port.ts';
import { enter } from './entry.ts';

/** What is used of Electron's `process.parentPort`; Electron's types are for main and window only. */
interface ParentPort {
  on(
    type: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly PortLike[] }) => void,
  ): void;
}

// The doctor measures in processes of its own; Electron's binary runs them as Node only when told to.
process.env['ELECTRON_RUN_AS_NODE'] = '1';

const message = z.object({ attach: z.enum(['host', 'window']) });
const { parentPort } = process as unknown as { readonly parentPort: ParentPort };
const { attach } = enter();

parentPort.on('message', ({ data, ports }) => {
  const parsed = message.safeParse(data);
  const port = ports[0];
  if (parsed.success && port) attach(parsed.data.attach, messagePortTransport(port));
});
