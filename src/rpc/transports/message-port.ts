/**
 * Message ports: the DOM's and Node's `MessagePort` (events through `addEventListener`), and Electron's
 * `MessagePortMain` and `parentPort` (through `on`). Typed by what is used of them, because no two of their
 * type libraries are loaded in one project.
 */
import { compact } from '../compact.ts';
import { Listeners, type Transport } from '../transport.ts';

interface MessageLike {
  readonly data: unknown;
}

interface EventTargetPort {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: any) => void): void;
  start?(): void;
  close?(): void;
}

interface EmitterPort {
  postMessage(message: unknown): void;
  on(type: string, listener: (event: any) => void): unknown;
  start?(): void;
  close?(): void;
}

/** Anything that behaves as a message port. */
export type PortLike = EventTargetPort | EmitterPort;

export function messagePortTransport(port: PortLike): Transport {
  const listeners = new Listeners();
  const listen = (type: string, listener: (event: any) => void): void => {
    if ('addEventListener' in port) port.addEventListener(type, listener);
    else port.on(type, listener);
  };
  listen('message', (event: MessageLike) => listeners.deliver(event.data));
  listen('close', () => listeners.close());
  port.start?.();
  return {
    send: (message) => {
      if (!listeners.closed) port.postMessage(compact(message));
    },
    onMessage: (listener) => listeners.onMessage(listener),
    onClose: (listener) => listeners.onClose(listener),
    close: () => {
      port.close?.();
      listeners.close();
    },
  };
}
