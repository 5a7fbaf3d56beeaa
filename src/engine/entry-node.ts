/**
 * The engine in a plain Node child, for the command line and the local web server.
 *
 * Fork it with `serialization: 'advanced'` and the options as JSON in the first argument. The IPC channel is
 * multiplexed: the parent opens one channel labelled `host` and one labelled `window` per browser tab
 * (`multiplex(childProcessTransport(child))`). The engine ends when the channel or its parent does.
 */
import { childProcessTransport } from '../rpc/transports/child-process.ts';
import { multiplex } from '../rpc/transports/multiplex.ts';
import { enter } from './entry.ts';

const { attach, stop } = enter();
const line = childProcessTransport(process);
multiplex(line, attach);
line.onClose(stop);
