/** Several transports over one: the local web server talks to the engine for all its browser tabs. */
import { z } from 'zod';
import { Listeners, type Transport } from '../transport.ts';

const envelope = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), channel: z.int().nonnegative(), label: z.string().max(100) }),
  z.object({ type: z.literal('message'), channel: z.int().nonnegative(), message: z.unknown() }),
  z.object({ type: z.literal('close'), channel: z.int().nonnegative() }),
]);

export interface Multiplexer {
  /** Opens a channel; the other end's `onChannel` is called with the label. */
  open(label: string): Transport;
  /** Envelopes that did not parse. */
  readonly dropped: number;
}

/**
 * Only one end opens channels.
 * @param onChannel called when the other end opens one
 */
export function multiplex(
  line: Transport,
  onChannel: (label: string, channel: Transport) => void = () => undefined,
): Multiplexer {
  const channels = new Map<number, Listeners>();
  let next = 0;
  let dropped = 0;

  const channelOf = (channel: number): Transport => {
    const listeners = new Listeners();
    channels.set(channel, listeners);
    return {
      send: (message) => {
        if (!listeners.closed) line.send({ type: 'message', channel, message });
      },
      onMessage: (listener) => listeners.onMessage(listener),
      onClose: (listener) => listeners.onClose(listener),
      close: () => {
        if (channels.delete(channel)) line.send({ type: 'close', channel });
        listeners.close();
      },
    };
  };

  line.onMessage((raw) => {
    const parsed = envelope.safeParse(raw);
    if (!parsed.success) {
      dropped++;
      return;
    }
    const { channel } = parsed.data;
    const known = channels.get(channel);
    switch (parsed.data.type) {
      case 'open':
        if (known) dropped++;
        else onChannel(parsed.data.label, channelOf(channel));
        break;
      case 'message':
        known?.deliver(parsed.data.message);
        break;
      case 'close':
        channels.delete(channel);
        known?.close();
        break;
    }
  });
  line.onClose(() => {
    const open = [...channels.values()];
    channels.clear();
    for (const listeners of open) listeners.close();
  });

  return {
    open: (label) => {
      const channel = next++;
      const transport = channelOf(channel);
      line.send({ type: 'open', channel, label });
      return transport;
    },
    get dropped() {
      return dropped;
    },
  };
}
