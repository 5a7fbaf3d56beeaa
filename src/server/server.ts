/** The local web server: the window's files, thumbnails, and two WebSockets, on the loopback interface only. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError } from '../core/errors.ts';
import { securityHeaders } from '../host/content-security.ts';
import type { PageFiles } from '../host/page-files.ts';
import { answerThumbnail } from '../host/thumbnails.ts';
import type { HostContract } from '../contract/methods.ts';
import type { Client } from '../rpc/client.ts';
import { relay, type Transport } from '../rpc/transport.ts';
import { webSocketTransport } from '../rpc/transports/websocket.ts';
import { refuseForeign, refuseMutation, refuseSocket, refuseUnknown, type Refusal, type RequestHead } from './access.ts'; // prettier-ignore
import { noticePage, openedPage } from './pages.ts';
import { Token } from './token.ts';

const LOOPBACK = '127.0.0.1';
/** A lasso around a million images is 4 MB of ordinals. */
const LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024;

/** What stands behind the server. */
export interface ServerParts {
  readonly pages: PageFiles;
  /** The engine's host channel; throws when there is no engine. */
  readonly engine: () => Pick<Client<HostContract>, 'call'>;
  /** Serves a browser tab's requests to the host. */
  readonly attachHost: (transport: Transport) => void;
  /** A channel to the engine for a browser tab; throws when there is no engine. */
  readonly openWindow: () => Transport;
}

export interface RunningServer {
  readonly port: number;
  /** `http://127.0.0.1:8471`, with a path that opens one browser. */
  newLink(): string;
  /** Where the token lies, for `--link`. */
  writeToken(file: string): void;
  close(): Promise<void>;
}

/**
 * @param port 0 takes any that is free
 * @throws AppError `usage` when the port is taken
 */
export async function startServer(parts: ServerParts, port: number): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize: 16 * 1024 });
  await listen(server, port);
  const actual = (server.address() as AddressInfo).port;
  const token = new Token(actual);
  const newLink = (): string => `http://${LOOPBACK}:${actual}/open?code=${token.issueCode()}`;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  server.on('request', (request, response) => {
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    void answer({ parts, token, port: actual, newLink }, headOf(request), abort.signal)
      // Nothing of the request is logged: its address may hold a code.
      .catch(() => text(500, 'This could not be answered.'))
      .then(({ status, headers, body }) => {
        request.resume();
        response.writeHead(status, {
          ...securityHeaders('web'),
          'Cache-Control': 'no-store',
          'Content-Length': body === null ? 0 : Buffer.byteLength(body),
          ...headers,
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    const refusal = refuseSocket(headOf(request), actual, token.credentials(request.headers));
    const attach = attachmentFor(parts, request.url ?? '');
    if (refusal || !attach) {
      rejectUpgrade(socket, refusal ?? { status: 400, message: 'There is no such channel.' });
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => attach(accepted));
  });

  return {
    port: actual,
    newLink,
    writeToken: (file) => token.writeTo(file),
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answering {
  readonly parts: ServerParts;
  readonly token: Token;
  readonly port: number;
  readonly newLink: () => string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

const text = (status: number, message: string): Answer => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  body: `${message}\n`,
});

const page = (status: number, html: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
  body: html,
});

async function answer(
  { parts, token, port, newLink }: Answering,
  head: RequestHead,
  signal: AbortSignal,
): Promise<Answer> {
  const foreign = refuseForeign(head, port);
  if (foreign) return text(foreign.status, foreign.message);
  const credentials = token.credentials(head.headers);
  const path = head.target.split('?')[0]!;
  if (path === '/api/link') {
    const refusal = refuseMutation(head, credentials);
    return refusal ? text(refusal.status, refusal.message) : json({ link: newLink() });
  }
  if (path === '/open' && head.method === 'GET') return openBrowser(token, head.target);
  if (head.method !== 'GET' && head.method !== 'HEAD')
    return text(405, 'Only GET is answered here.');
  const unknown = refuseUnknown(credentials);
  if (unknown) return page(unknown.status, noticePage(unknown.message));
  if (path.startsWith('/thumb/')) return answerThumbnail(head.target, parts.engine, signal);
  const file = await parts.pages(path);
  return file
    ? { status: 200, headers: { 'Content-Type': file.type }, body: file.bytes }
    : text(404, 'There is nothing here.');
}

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});

function openBrowser(token: Token, target: string): Answer {
  const code = /^\/open\?code=([\w-]{1,100})$/.exec(target)?.[1];
  const cookie = code === undefined ? null : token.redeem(code);
  return cookie === null
    ? page(403, noticePage('This link has been used or is too old. Print another with: straylight serve --link')) // prettier-ignore
    : page(200, openedPage(), { 'Set-Cookie': cookie });
}

const headOf = ({
  method = '',
  url = '',
  headers,
  headersDistinct,
}: IncomingMessage): RequestHead => ({
  method,
  target: url,
  hosts: headersDistinct['host'] ?? [],
  headers,
});

function attachmentFor(parts: ServerParts, path: string): ((socket: WebSocket) => void) | null {
  if (path === '/host') return (socket) => parts.attachHost(webSocketTransport(socket));
  if (path !== '/engine') return null;
  return (socket) => {
    const tab = webSocketTransport(socket);
    try {
      relay(tab, parts.openWindow());
    } catch {
      tab.close();
    }
  };
}

function rejectUpgrade(socket: Duplex, { status, message }: Refusal): void {
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError('usage', `Port ${port} is taken, perhaps by another Straylight. Name another with --port.`) // prettier-ignore
          : new AppError('unreadable', `Port ${port} cannot be opened (${error.message}). Name another with --port.`), // prettier-ignore
      );
    });
    server.listen(port, LOOPBACK, resolve);
  });
}
