/** The same calls over every transport. */
import { MessageChannel } from 'node:worker_threads';
import type { AddressInfo } from 'node:net';
import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as WsClient, WebSocketServer } from 'ws';
import { z } from 'zod';
import { call, job } from '../../../src/contract/method.ts';
import { createClient } from '../../../src/rpc/client.ts';
import { serve } from '../../../src/rpc/server.ts';
import { relay, type Transport } from '../../../src/rpc/transport.ts';
import { childProcessTransport } from '../../../src/rpc/transports/child-process.ts';
import { inMemoryPair } from '../../../src/rpc/transports/in-memory.ts';
import { messagePortTransport } from '../../../src/rpc/transports/message-port.ts';
import { multiplex } from '../../../src/rpc/transports/multiplex.ts';
import { webSocketTransport } from '../../../src/rpc/transports/websocket.ts';

const contract = {
  column: call(
    z.strictObject({ of: z.instanceof(Float64Array), from: z.int(), to: z.int() }),
    z.strictObject({ part: z.instanceof(Float64Array), bytes: z.instanceof(Uint8Array) }),
  ),
  count: job(z.strictObject({ to: z.int() }), z.int(), z.int()),
};
const handlers = {
  column: ({ of, from, to }: { of: Float64Array; from: number; to: number }) => ({
    part: of.subarray(from, to),
    bytes: Buffer.from('bytes'),
  }),
  count: ({ to }: { to: number }, { emit }: { emit: (event: number) => void }) => {
    for (let i = 1; i <= to; i++) emit(i);
    return Promise.resolve(to);
  },
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** As Electron's `MessagePortMain`: `on` instead of `addEventListener`, data in an event, nothing before `start`. */
class ElectronPort extends EventEmitter {
  peer: ElectronPort | null = null;
  private started = false;
  private readonly early: unknown[] = [];
  postMessage(message: unknown): void {
    const data: unknown = structuredClone(message);
    queueMicrotask(() => this.peer?.receive(data));
  }
  start(): void {
    this.started = true;
    for (const data of this.early.splice(0)) this.emit('message', { data, ports: [] });
  }
  close(): void {
    queueMicrotask(() => this.peer?.emit('close'));
  }
  private receive(data: unknown): void {
    if (this.started) this.emit('message', { data, ports: [] });
    else this.early.push(data);
  }
}

/** As the two ends of a child's IPC channel. */
class IpcEnd extends EventEmitter {
  peer: IpcEnd | null = null;
  connected = true;
  send(message: unknown): boolean {
    const copy: unknown = structuredClone(message);
    queueMicrotask(() => this.peer?.emit('message', copy));
    return true;
  }
  disconnect(): void {
    for (const end of [this, this.peer!]) {
      if (!end.connected) continue;
      end.connected = false;
      queueMicrotask(() => end.emit('disconnect'));
    }
  }
}

function peers<End extends { peer: End | null }>(Type: new () => End): [End, End] {
  const [one, other] = [new Type(), new Type()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

async function webSockets(): Promise<[Transport, Transport]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const accepted = new Promise<WsClient>((resolve) => server.once('connection', resolve));
  // Calls may be made before the socket is open.
  const here = webSocketTransport(new WsClient(`ws://127.0.0.1:${port}`));
  const there = webSocketTransport(await accepted);
  cleanUps.push(() => here.close());
  return [here, there];
}

const transports: Record<string, () => [Transport, Transport] | Promise<[Transport, Transport]>> = {
  'in memory': () => [...inMemoryPair()],
  'message ports of Node and the DOM': () => {
    const { port1, port2 } = new MessageChannel();
    return [messagePortTransport(port1), messagePortTransport(port2)];
  },
  'message ports of Electron': () => {
    const [one, other] = peers(ElectronPort);
    return [messagePortTransport(one), messagePortTransport(other)];
  },
  'the channel of a child process': () => {
    const [one, other] = peers(IpcEnd);
    return [childProcessTransport(one), childProcessTransport(other)];
  },
  'a WebSocket': webSockets,
  'one of several channels over one line': () => {
    const [one, other] = inMemoryPair();
    const ends = multiplex(one);
    const accepted: Transport[] = [];
    multiplex(other, (_label, transport) => accepted.push(transport));
    const idle = ends.open('idle');
    const here = ends.open('busy');
    idle.onMessage(() => {
      throw new Error('a message on the wrong channel');
    });
    // The other end's transport exists once the line has carried the opening.
    const there: Transport = {
      send: (message) => accepted[1]!.send(message),
      onMessage: (listener) => queueMicrotask(() => queueMicrotask(() => accepted[1]!.onMessage(listener))), // prettier-ignore
      onClose: () => undefined,
      close: () => accepted[1]!.close(),
    };
    return [here, there];
  },
  'a relay from a WebSocket to a message port': async () => {
    const [here, between] = await webSockets();
    const { port1, port2 } = new MessageChannel();
    relay(between, messagePortTransport(port1));
    return [here, messagePortTransport(port2)];
  },
};

describe.each(Object.entries(transports))('%s', (_name, open) => {
  it('carries columns, and only the part that is meant', async () => {
    const [here, there] = await open();
    serve(contract, handlers, there);
    const client = createClient(contract, here);
    const of = Float64Array.from({ length: 10 }, (_, i) => i / 3);
    of[7] = NaN;
    const { part, bytes } = await client.call('column', { of, from: 6, to: 9 });
    expect(part).toEqual(of.slice(6, 9));
    expect(part.buffer.byteLength).toBe(part.byteLength);
    expect(new TextDecoder().decode(bytes)).toBe('bytes');
    expect(bytes.buffer.byteLength).toBe(5);
    client.close();
  });

  it('keeps the order of events', async () => {
    const [here, there] = await open();
    serve(contract, handlers, there);
    const client = createClient(contract, here);
    const told: number[] = [];
    expect(await client.job('count', { to: 50 }, { onEvent: (event) => told.push(event) })).toBe(
      50,
    );
    expect(told).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    client.close();
  });

  it('tells of the other end closing', async () => {
    const [here, there] = await open();
    serve(contract, handlers, there);
    const client = createClient(contract, here);
    await client.job('count', { to: 1 });
    const closed = new Promise<void>((resolve) => client.onClose(resolve));
    there.close();
    await closed;
    await expect(client.job('count', { to: 1 })).rejects.toMatchObject({ code: 'engine-gone' });
  });
});

describe('a WebSocket that sends something else', () => {
  it.each([
    ['text', 'hello'],
    ['bytes', Uint8Array.of(1, 2, 3)],
  ])('is closed: %s', async (_name, data) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    await new Promise((resolve) => server.once('listening', resolve));
    server.once('connection', (socket) => serve(contract, handlers, webSocketTransport(socket)));
    const socket = new WsClient(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    socket.once('open', () => socket.send(data));
    const code = await new Promise((resolve) => socket.once('close', resolve));
    expect(code).toBe(1008);
  });
});

describe('a line with several channels', () => {
  it('drops and counts what is no envelope, and closes all channels with the line', async () => {
    const [one, other] = inMemoryPair();
    const ends = multiplex(one);
    const channel = ends.open('window');
    const closed = new Promise<void>((resolve) => channel.onClose(resolve));
    for (const message of [null, 'x', { type: 'open' }, { type: 'message', channel: -1 }])
      other.send(message);
    await expect.poll(() => ends.dropped).toBe(4);
    other.close();
    await closed;
  });
});
