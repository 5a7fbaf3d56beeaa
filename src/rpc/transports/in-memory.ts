/** Two ends within one process. Messages are cloned, as every other transport does. */
import { compact } from '../compact.ts';
import { Listeners, type Transport } from '../transport.ts';

class End implements Transport {
  readonly listeners = new Listeners();
  peer: End | null = null;

  send(message: unknown): void {
    const { peer } = this;
    if (this.listeners.closed || !peer) return;
    const copy: unknown = structuredClone(compact(message));
    queueMicrotask(() => peer.listeners.deliver(copy));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.listeners.onMessage(listener);
  }

  onClose(listener: () => void): void {
    this.listeners.onClose(listener);
  }

  close(): void {
    const { peer } = this;
    this.listeners.close();
    queueMicrotask(() => peer?.listeners.close());
  }
}

export function inMemoryPair(): readonly [Transport, Transport] {
  const one = new End();
  const other = new End();
  one.peer = other;
  other.peer = one;
  return [one, other];
}
