/** `straylight serve` as a person runs it: a process of its own with a real engine, seen from a browser's side. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hostApiContract } from '../../src/contract/host-methods.ts';
import type { EngineState } from '../../src/contract/host.ts';
import { hostContract } from '../../src/contract/methods.ts';
import { hasPage } from '../../src/host/page-files.ts';
import { createClient } from '../../src/rpc/client.ts';
import { webSocketTransport } from '../../src/rpc/transports/websocket.ts';
import { childrenOf, isRunning, until } from '../support/processes.ts';
import { startServe, type Served } from '../support/serve.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const built = hasPage(join(ROOT, 'out', 'renderer'));

let folder = '';
let served: Served | null = null;

const serve = (...args: string[]): Promise<Served> =>
  startServe({ config: join(folder, 'config'), workspace: join(folder, 'workspace') }, ...args);

/** What a browser does with the link. */
async function cookieFor(link: string): Promise<string> {
  const response = await fetch(link);
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}

function socket(path: string, port: number, cookie: string) {
  return webSocketTransport(
    new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { Cookie: cookie, Origin: `http://127.0.0.1:${port}` },
    }),
  );
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'straylight-serve-'));
});
afterEach(async () => {
  served?.process.kill('SIGKILL');
  await served?.ended;
  served = null;
  rmSync(folder, { recursive: true, force: true });
});

const title = built ? 'straylight serve' : 'straylight serve [skipped: the window is not built (npm test builds it)]'; // prettier-ignore
const onLinux = process.platform === 'linux';

describe.skipIf(!built)(title, () => {
  it('opens a browser once, answers its host and engine, and never prints the token', async () => {
    served = await serve('--port', '0');
    const { port, link } = served;
    const cookie = await cookieFor(link);
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { Cookie: cookie } });
    expect(await page.text()).toContain('<title>Straylight</title>');

    const host = createClient(hostApiContract, socket('/host', port, cookie));
    expect(await host.call('host.info', {})).toMatchObject({ kind: 'web', thumbnailBase: '/thumb/' });
    const engine = createClient(hostContract, socket('/engine', port, cookie));
    expect(await engine.call('app.info', {})).toMatchObject({ workspace: { name: 'workspace' } });

    // A path that was typed becomes a grant; the window itself cannot make one.
    expect(await host.call('host.grantPath', { path: folder })).toMatchObject({ kind: 'folder' });
    await expect(engine.call('grants.add', { path: folder })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(host.call('host.grantPath', { path: '../relative' })).rejects.toMatchObject({
      code: 'usage',
    });
    const codes = await Promise.all(
      [
        host.call('host.pick', { purpose: 'datasets' }),
        host.call('host.revealWorkspace', {}),
        host.call('host.openExternal', { url: 'file:///etc/passwd' }),
        host.call('host.changeWorkspace', { path: folder }),
      ].map((asked: Promise<unknown>) =>
        asked.then(() => 'allowed', (error: unknown) => (error as { code: string }).code),
      ),
    ); // prettier-ignore
    expect(codes).toEqual(Array<string>(4).fill('forbidden'));

    const token = readFileSync(join(folder, 'config', `server-${port}.token`), 'utf8');
    expect(cookie).toContain(token);
    served.process.kill('SIGINT');
    expect(await served.ended).toBe(0);
    expect(served.output()).not.toContain(token);
    expect(served.output()).toContain(`ssh -N -L ${port}:127.0.0.1:${port}`);
    expect(readdirSync(join(folder, 'config'))).not.toContain(`server-${port}.token`);
  }); // prettier-ignore

  it('--link asks the running server for another address', async () => {
    served = await serve('--port', '0');
    const { port } = served;
    const another = await serve('--link', '--port', String(port));
    expect(await another.ended).toBe(0);
    expect(another.link).not.toBe(served.link);
    expect(await cookieFor(another.link)).toBe(await cookieFor(served.link));
  });

  it('a port that is taken is said in one line', async () => {
    served = await serve('--port', '0');
    await expect(serve('--port', String(served.port))).rejects.toThrow(/Port \d+ is taken.*--port/);
  });

  it.skipIf(!onLinux)('the engine is killed: the page hears of it, and a restart brings it back', async () => {
    served = await serve('--port', '0');
    const { port } = served;
    const cookie = await cookieFor(served.link);
    const host = createClient(hostApiContract, socket('/host', port, cookie));
    const states: EngineState[] = [];
    const arrived = new EventTarget();
    host.job('host.watchEngine', {}, { onEvent: (state) => {
      states.push(state);
      arrived.dispatchEvent(new Event('state'));
    } }).catch(() => undefined);
    const reaches = (name: EngineState['state']): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (states.at(-1)?.state === name) resolve();
        };
        arrived.addEventListener('state', look);
        look();
      });
    await reaches('running');
    const tab = createClient(hostContract, socket('/engine', port, cookie));
    const pending = tab.job('jobs.watch', {});
    await tab.call('app.info', {});
    for (const pid of childrenOf(served.process.pid!)) process.kill(pid, 'SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'engine-gone' });
    await reaches('gone');
    await host.call('host.restartEngine', {});
    await reaches('running');
    const again = createClient(hostContract, socket('/engine', port, cookie));
    expect(await again.call('app.info', {})).toHaveProperty('workspace.name', 'workspace');
  }); // prettier-ignore

  // An engine without its server would hold the GPU and the workspace for nobody.
  it.skipIf(!onLinux)('the server is killed: the engine ends within 5 s', async () => {
    served = await serve('--port', '0');
    const engines = childrenOf(served.process.pid!);
    expect(engines).toHaveLength(1);
    served.process.kill('SIGKILL');
    await until(() => !engines.some(isRunning), 5000, 'the engine has ended');
  });
});
