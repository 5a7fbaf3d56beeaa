/** The IPC channel between a process and its child, forked with `serialization: 'advanced'`. */
import { compact } from '../compact.ts';
import { Listeners, type Transport } from '../transport.ts';

/** What a `ChildProcess` and the child's own `process` have in common. */
export interface IpcLike {
  readonly connected: boolean;
  send?(message: any, callback?: (error: Error | null) => void): boolean;
  on(type: 'message', listener: (message: unknown) => void): unknown;
  on(type: 'disconnect', listener: () => void): unknown;
  disconnect?(): void;
}

export function childProcessTransport(end: IpcLike): Transport {
  const listeners = new Listeners();
  end.on('message', (message) => listeners.deliver(message));
  end.on('disconnect', () => listeners.close());
  if (!end.connected) listeners.close();
  return {
    send: (message) => {
      // The channel may close between the look and the write; then `disconnect` follows.
      if (!listeners.closed && end.connected) end.send?.(compact(message), () => undefined);
    },
    onMessage: (listener) => listeners.onMessage(listener),
    onClose: (listener) => listeners.onClose(listener),
    close: () => {
      if (end.connected) end.disconnect?.();
      listeners.close();
    },
  };
}
