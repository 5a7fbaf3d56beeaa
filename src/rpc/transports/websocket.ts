/** WebSockets, the browser's and the `ws` package's, which offers the same events. */
import { decodeMessage, encodeMessage } from '../codec.ts';
import { Listeners, type Transport } from '../transport.ts';

/** What is used of a WebSocket. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: any, listener: (event: any) => void): void;
}

const CONNECTING = 0;
const OPEN = 1;
/** RFC 6455, section 7.4.1: the message violates the policy of the receiver. */
const UNACCEPTABLE = 1008;

/** Frames that are not messages close the connection: the other end is not one of ours. */
export function webSocketTransport(socket: WebSocketLike): Transport {
  const listeners = new Listeners();
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    for (const bytes of waiting) socket.send(bytes);
    waiting = [];
  });
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    try {
      if (!(data instanceof ArrayBuffer)) throw new Error('Text frames are not used.');
      listeners.deliver(decodeMessage(new Uint8Array(data)));
    } catch {
      socket.close(UNACCEPTABLE, 'not a message');
    }
  });
  socket.addEventListener('close', () => listeners.close());
  // An error is always followed by a close.
  socket.addEventListener('error', () => undefined);
  if (socket.readyState > OPEN) listeners.close();
  return {
    send: (message) => {
      if (listeners.closed) return;
      const bytes = encodeMessage(message);
      if (socket.readyState === CONNECTING) waiting.push(bytes);
      else if (socket.readyState === OPEN) socket.send(bytes);
    },
    onMessage: (listener) => listeners.onMessage(listener),
    onClose: (listener) => listeners.onClose(listener),
    close: () => {
      socket.close();
      listeners.close();
    },
  };
}
