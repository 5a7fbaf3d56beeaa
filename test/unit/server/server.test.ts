import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { pageFiles } from '../../../src/host/page-files.ts';
import { RemoteError } from '../../../src/rpc/errors.ts';
import { startServer, type RunningServer } from '../../../src/server/server.ts';
import { rawRequest, type RawResponse } from '../../support/raw-http.ts';

const SECRET = 'bytes outside of the built window';

let folder = '';
let server: RunningServer;
let token = '';
/** What reached the engine and the host: nothing, unless a request was let in. */
let reached: string[] = [];

beforeEach(async () => {
  reached = [];
  folder = mkdtempSync(join(tmpdir(), 'straylight-server-'));
  const pages = join(folder, 'renderer');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>window</title>');
  writeFileSync(join(pages, 'assets', 'main.js'), 'export {};');
  writeFileSync(join(pages, 'assets', 'main.js.map'), '{}');
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  server = await startServer(
    {
      pages: pageFiles(pages),
      engine: () => ({
        call: ((method: string, params: { ordinal: number }) => {
          reached.push(`${method} ${params.ordinal}`);
          return params.ordinal === 0
            ? Promise.resolve({ bytes: new TextEncoder().encode('webp'), type: 'image/webp' })
            : Promise.reject(new RemoteError('not-found', 'There is no such image.'));
        }) as never,
      }),
      attachHost: () => reached.push('host'),
      openWindow: () => {
        reached.push('engine');
        throw new RemoteError('engine-gone', 'none');
      },
    },
    0,
  );
  const file = join(folder, 'token');
  server.writeToken(file);
  token = readFileSync(file, 'utf8');
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const cookie = (): string => `Cookie: straylight-${server.port}=${token}`;
const host = (): string => `Host: 127.0.0.1:${server.port}`;
const origin = (): string => `Origin: http://127.0.0.1:${server.port}`;
const JSON_TYPE = 'Content-Type: application/json';

const get = (target: string, ...headers: string[]): Promise<RawResponse> =>
  rawRequest(server.port, [`GET ${target} HTTP/1.1`, 'Connection: close', ...headers]);
const post = (target: string, ...headers: string[]): Promise<RawResponse> =>
  rawRequest(
    server.port,
    [`POST ${target} HTTP/1.1`, 'Connection: close', 'Content-Length: 2', ...headers],
    '{}',
  );
const upgrade = (target: string, ...headers: string[]): Promise<RawResponse> =>
  rawRequest(server.port, [
    `GET ${target} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ]);

// The server holds everything the window can do. It must not be reachable from the network.
describe('the interface', () => {
  it('is the loopback one only', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others)
      await expect(
        new Promise((resolve, reject) => {
          const socket = connect(server.port, address);
          socket.on('connect', () => {
            socket.destroy();
            resolve(address);
          });
          socket.on('error', reject);
        }),
      ).rejects.toThrow(/ECONNREFUSED/);
  });
});

// A page at evil.com whose name was pointed at 127.0.0.1 (DNS rebinding) is same-origin to itself and sends the cookie of
// nobody, but Host tells its name.
describe('the Host header', () => {
  it.each([
    'evil.com',
    'evil.com:PORT',
    '127.0.0.1',
    '127.0.0.1:PORT.evil.com',
    '127.0.0.1.evil.com:PORT',
    'localhost.evil.com:PORT',
    'user@127.0.0.1:PORT',
    '[::1]:PORT',
    '0.0.0.0:PORT',
    '127.0.0.1:1',
    '',
  ])('%j is refused, even with the token', async (name) => {
    const named = `Host: ${name.replace('PORT', String(server.port))}`;
    for (const target of ['/', '/thumb/d-1/0', '/assets/main.js']) {
      const { status, body } = await get(target, named, cookie());
      expect([400, 403]).toContain(status);
      expect(body).not.toContain('window');
    }
    expect((await upgrade('/engine', named, origin(), cookie())).status).not.toBe(101);
    expect(reached).toEqual([]);
  });

  it('two of them are refused', async () => {
    expect((await get('/', host(), 'Host: evil.com', cookie())).status).toBe(403);
  });

  it('of this machine is answered', async () => {
    expect((await get('/', host(), cookie())).status).toBe(200);
    expect((await get('/', `Host: localhost:${server.port}`, cookie())).status).toBe(200);
  });
});

// Any page in the same browser can send requests here. The browser says so in Origin, or in Sec-Fetch-Site.
describe('requests of other origins', () => {
  it.each(['http://evil.com', 'null', 'https://127.0.0.1:PORT', 'http://127.0.0.1:1', 'http://localhost:PORT', 'file://'])(
    'Origin %s is refused',
    async (other) => {
      const header = `Origin: ${other.replace('PORT', String(server.port))}`;
      expect((await get('/', host(), header, cookie())).status).toBe(403);
      expect((await post('/api/link', host(), header, cookie(), JSON_TYPE)).status).toBe(403);
    },
  ); // prettier-ignore

  it('an image or a script on another site cannot be loaded from here', async () => {
    const fetched = [
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: no-cors',
      'Sec-Fetch-Dest: image',
    ];
    expect((await get('/thumb/d-1/0', host(), cookie(), ...fetched)).status).toBe(403);
    expect(reached).toEqual([]);
  });

  it('no other origin is ever allowed by CORS', async () => {
    const preflight = await rawRequest(server.port, [
      'OPTIONS /api/link HTTP/1.1',
      'Connection: close',
      host(),
      'Origin: http://evil.com',
      'Access-Control-Request-Method: POST',
    ]);
    expect(preflight.status).toBe(403);
    for (const { headers } of [preflight, await get('/', host(), cookie())])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

// Forms of other sites can post text/plain, and browsers send cookies with them; JSON with an Origin they cannot forge.
describe('changing something', () => {
  it('needs the cookie, JSON and our Origin', async () => {
    const { status, body } = await post('/api/link', host(), origin(), cookie(), JSON_TYPE);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toHaveProperty('link');
  });

  it('or the token itself and JSON', async () => {
    const bearer = `Authorization: Bearer ${token}`;
    expect((await post('/api/link', host(), bearer, JSON_TYPE)).status).toBe(200);
    expect((await post('/api/link', host(), bearer, 'Content-Type: text/plain')).status).toBe(415);
  });

  it('with a cookie but no Origin is refused', async () => {
    expect((await post('/api/link', host(), cookie(), JSON_TYPE)).status).toBe(403);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain; application/json'])(
    'as %s is refused',
    async (type) => {
      const sent = await post('/api/link', host(), origin(), cookie(), `Content-Type: ${type}`);
      expect(sent.status).toBe(415);
    },
  ); // prettier-ignore

  it('without a body type, by GET, or without the token is refused', async () => {
    expect((await post('/api/link', host(), origin(), cookie())).status).toBe(415);
    expect((await get('/api/link', host(), origin(), cookie())).status).toBe(405);
    expect((await post('/api/link', host(), origin(), JSON_TYPE)).status).toBe(401);
    const wrong = `Authorization: Bearer ${'A'.repeat(token.length)}`;
    expect((await post('/api/link', host(), wrong, JSON_TYPE)).status).toBe(401);
  });
});

describe('reading', () => {
  it('needs the token: every user of this machine can reach the port', async () => {
    for (const target of ['/', '/assets/main.js', '/thumb/d-1/0']) {
      const { status, body } = await get(target, host());
      expect(status).toBe(401);
      expect(body).not.toContain('webp');
    }
    const other = `Cookie: straylight-${server.port}=${token.slice(1)}; straylight=${token}`;
    expect((await get('/', host(), other)).status).toBe(401);
    expect(reached).toEqual([]);
  });

  it('every answer carries the policy, also a refusal', async () => {
    for (const { headers } of [await get('/', host(), cookie()), await get('/', host())]) {
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

// The token is worth everything for as long as the server runs, and addresses end up in histories and logs.
describe('the token', () => {
  it('has 256 bits, and its file is readable by its owner only', () => {
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(statSync(join(folder, 'token')).mode & 0o777).toBe(0o600);
  });

  it('replaces a file that others could read with one that they cannot', () => {
    const file = join(folder, 'loose');
    writeFileSync(file, 'old', { mode: 0o666 });
    server.writeToken(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is not in the link; the link gives a cookie that scripts and other sites never see, once', async () => {
    const { pathname, search } = new URL(server.newLink());
    expect(search).not.toContain(token);
    const first = await get(pathname + search, host());
    expect(first.status).toBe(200);
    const attributes = first.headers.get('set-cookie')!.split('; ');
    expect(attributes).toEqual(
      expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/', attributes[0]]),
    );
    expect((await get('/', host(), `Cookie: ${attributes[0]!}`)).status).toBe(200);
    const second = await get(pathname + search, host());
    expect(second.status).toBe(403);
    expect(second.headers.has('set-cookie')).toBe(false);
  });

  it('is not given for a code that was not issued', async () => {
    for (const target of [
      '/open',
      '/open?code=',
      '/open?code=guess',
      '/open?code=__proto__',
      `/open?code=${token}`,
    ])
      expect((await get(target, host())).headers.has('set-cookie')).toBe(false);
  });
});

// A WebSocket is not held back by CORS: any page could open one, and the browser would send the cookie.
describe('WebSockets', () => {
  it('of another origin are refused before they are accepted', async () => {
    for (const target of ['/engine', '/host']) {
      const foreign = await upgrade(target, host(), 'Origin: http://evil.com', cookie());
      expect(foreign.status).toBe(403);
      expect((await upgrade(target, host(), cookie())).status).toBe(403);
      expect((await upgrade(target, host(), origin())).status).toBe(401);
    }
    expect(reached).toEqual([]);
  });

  it('of the window are accepted', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/host`, {
      headers: {
        Cookie: cookie().slice('Cookie: '.length),
        Origin: origin().slice('Origin: '.length),
      },
    });
    await new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    socket.terminate();
    expect(reached).toEqual(['host']);
  });

  it('exist at two addresses only', async () => {
    for (const target of ['/', '/engine/', '/host?x=1', '/__proto__', '/constructor'])
      expect((await upgrade(target, host(), origin(), cookie())).status).toBe(400);
  });
});

// Paths are the classic hole of a file server. Here files are a list made at start and thumbnails are numbers.
describe('traversal', () => {
  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/%252e%252e/secret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets\\main.js',
    '//secret.txt',
    '/./secret.txt',
    '/assets/main.js%00',
    '/assets/main.js%00.txt',
    '/assets/main.js/',
    '/assets/main.js.map',
    '/assets',
    '/__proto__',
    '/index.html/../../secret.txt',
    'http://127.0.0.1/../secret.txt',
  ])('of files by %s: 4xx and no byte', async (target) => {
    const { status, body } = await get(target, host(), cookie());
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body).not.toContain(SECRET);
  });

  it.each([
    '/thumb/../../secret.txt',
    '/thumb/..%2f..%2fsecret.txt',
    '/thumb/%2e%2e/0',
    '/thumb/%252e%252e/0',
    '/thumb/..\\..\\secret.txt',
    '/thumb/d-1/0%00',
    '/thumb//etc/passwd',
    '/thumb/d-1/0?file=/etc/passwd',
  ])('of thumbnails by %s: 4xx, and the engine is not even asked', async (target) => {
    const { status, body } = await get(target, host(), cookie());
    expect(status).toBe(400);
    expect(body).toBe('');
    expect(reached).toEqual([]);
  });

  it('a NUL in the request is refused', async () => {
    expect((await get('/thumb/d-1/0\0', host(), cookie())).status).toBe(400);
    expect((await get('/\0', host(), cookie())).status).toBe(400);
  });
});

describe('thumbnails', () => {
  it('are what the engine gives, with a type that cannot be guessed otherwise', async () => {
    const { status, headers, body } = await get('/thumb/d-1/0?size=64', host(), cookie());
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('image/webp');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(body).toBe('webp');
  });

  it('that the engine does not know are 404, without its reasons', async () => {
    const { status, body } = await get('/thumb/d-1/7', host(), cookie());
    expect(status).toBe(404);
    expect(body).not.toContain('image');
  });
});
