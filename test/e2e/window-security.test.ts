/**
 * What a page in the window must not be able to do, tried in the real window. The page shows file names and images from
 * anywhere; the assumption is that one day one of them gets a script to run.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExposedApi } from '../../src/contract/exposed-api.ts';
import type { Reply } from '../../src/rpc/wire.ts';
import { noDesktop, openDesktop, testFolders, withDesktop, type Desktop } from '../support/desktop.ts'; // prettier-ignore

declare global {
  interface Window {
    /** Set by scripts that must not run. */
    injected?: boolean;
    straylight: ExposedApi;
  }
}

describe.skipIf(noDesktop !== null)(withDesktop('the window'), () => {
  const folders = testFolders();
  let desktop: Desktop;

  beforeAll(async () => {
    desktop = await openDesktop(folders.config, folders.workspace);
  });
  afterAll(async () => {
    await desktop.close();
    folders.remove();
  });

  const windowCount = (): Promise<number> =>
    desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

  it('drawing it violates nothing of its own policy', async () => {
    await desktop.page.waitForSelector('nav');
    expect(desktop.messages.filter((text) => /Content.Security.Policy/i.test(text))).toEqual([]);
  });

  it('it is isolated, sandboxed and has no Node', async () => {
    const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
      const [first] = BrowserWindow.getAllWindows();
      // Not in Electron's types, although documented for tests.
      const { webContents } = first as unknown as {
        webContents: { getLastWebPreferences(): Record<string, unknown> };
      };
      return webContents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    });
    const globals = await desktop.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'ipcRenderer', 'electron'].filter(
        (name) => name in window,
      ),
    ); // prettier-ignore
    expect(globals).toEqual([]);
  });

  // Every function here is reachable by any script in the page. Add one only with its checks in main.
  it('the exposed functions are these and no others', async () => {
    const exposed = await desktop.page.evaluate(() =>
      Object.entries(window.straylight).map(([name, value]) => `${name}: ${typeof value}`),
    );
    expect(exposed.sort()).toEqual([
      'changeWorkspace: function',
      'grantDropped: function',
      'info: function',
      'onEngineState: function',
      'onSettings: function',
      'openExternal: function',
      'pick: function',
      'requestEnginePort: function',
      'restartEngine: function',
      'revealWorkspace: function',
      'saveFile: function',
      'updateSettings: function',
    ]);
    const replaced = await desktop.page.evaluate(() => {
      try {
        window.straylight = {} as ExposedApi;
        window.straylight.info = () => Promise.reject(new Error('replaced'));
      } catch {
        // Refused loudly, which is as good.
      }
      return typeof window.straylight.pick;
    });
    expect(replaced).toBe('function');
  });

  it('an injected script does not run and a remote image is not fetched', async () => {
    const violated = await desktop.page.evaluate(
      () =>
        new Promise((resolve) => {
          const directives = new Set<string>();
          document.addEventListener('securitypolicyviolation', (event) => {
            directives.add(event.effectiveDirective);
            if (directives.size === 4) resolve([...directives].sort());
          });
          const script = document.createElement('script');
          script.textContent = 'window.injected = true';
          document.body.append(script);
          const holder = document.createElement('div');
          holder.innerHTML =
            '<button onclick="window.injected = true"></button><img src="https://example.com/pixel.png"><iframe src="https://example.com"></iframe>';
          document.body.append(holder);
          holder.querySelector('button')?.click();
        }),
    ); // prettier-ignore
    expect(violated).toEqual(['frame-src', 'img-src', 'script-src-attr', 'script-src-elem']);
    expect(await desktop.page.evaluate(() => window.injected)).toBeUndefined();
  });

  it('nothing can be sent out: not by fetch, WebSocket, beacon or form', async () => {
    const outcomes = await desktop.page.evaluate(async () => {
      const tried: Record<string, string> = {};
      for (const url of ['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/passwd'])
        tried[url] = await fetch(url).then(() => 'sent', () => 'blocked'); // prettier-ignore
      tried['socket'] = await new Promise((resolve) => {
        try {
          const socket = new WebSocket('wss://example.com/');
          socket.onopen = () => resolve('sent');
          socket.onerror = () => resolve('blocked');
        } catch {
          resolve('blocked');
        }
      });
      return tried;
    });
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['blocked']));
  });

  it('eval is refused', async () => {
    // Playwright's own scripts are exempt while they run, so it is asked for in a task of the page.
    const refused = await desktop.page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => {
            if (event.blockedURI === 'eval') resolve(true);
          });
          // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what must be refused
          window.setTimeout('window.injected = true', 0);
        }),
    );
    expect(refused).toBe(true);
  });

  it('window.open, target=_blank and location= open nothing and lead nowhere', async () => {
    const { page } = desktop;
    const address = page.url();
    const file = join(folders.config, 'page.html');
    mkdirSync(folders.config, { recursive: true });
    writeFileSync(file, '<title>elsewhere</title>');
    for (const target of ['https://example.com/', `file://${file}`, 'straylight://app.evil/index.html', 'straylight://app/assets/', 'javascript:document.title="elsewhere"']) {
      expect(await page.evaluate((url) => window.open(url) === null, target)).toBe(true);
      await page.evaluate((url) => {
        for (const name of ['_blank', '_self', '_top']) {
          const link = document.createElement('a');
          link.href = url;
          link.target = name;
          document.body.append(link);
          link.click();
          link.remove();
        }
        location.href = url;
      }, target);
    } // prettier-ignore
    // A navigation that was let through would have replaced this document before the answer to a later question.
    await desktop.app.evaluate(() => null);
    expect(await page.evaluate(() => typeof window.straylight)).toBe('object');
    expect(page.url()).toBe(address);
    expect(await page.title()).not.toBe('elsewhere');
    expect(await windowCount()).toBe(1);
  });

  // Browsers tell nobody before they go to about:blank.
  it('about:blank is left again at once', async () => {
    const { page } = desktop;
    const [address] = page.url().split('#');
    await page.evaluate(() => void setTimeout(() => (location.href = 'about:blank')));
    await page.waitForURL((url) => url.href === 'about:blank').catch(() => undefined);
    await page.waitForURL((url) => url.href.startsWith(address!));
    await page.waitForSelector('nav');
    expect(await windowCount()).toBe(1);
  });

  it('a dropped HTML file is not opened', async () => {
    const { page } = desktop;
    const address = page.url().split('#')[0];
    const file = join(folders.config, 'dropped.html');
    writeFileSync(file, '<title>elsewhere</title>');
    const session = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', {
        type,
        x: 300,
        y: 300,
        data: { items: [], files: [file], dragOperationsMask: 19 },
      });
    await desktop.app.evaluate(() => null);
    expect(page.url().split('#')[0]).toBe(address);
    expect(await page.title()).not.toBe('elsewhere');
    expect(await windowCount()).toBe(1);
  });

  it('it may not watch, listen, notify or locate', async () => {
    const answers = await desktop.page.evaluate(async () => {
      const asked = (name: string): Promise<string> =>
        navigator.permissions.query({ name: name as PermissionName }).then(({ state }) => state);
      return {
        notification: await Notification.requestPermission(),
        location: await asked('geolocation'),
        camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
          () => 'granted',
          () => 'denied',
        ),
        screen: await navigator.mediaDevices.getDisplayMedia({ video: true }).then(
          () => 'granted',
          () => 'denied',
        ),
      };
    });
    expect(answers).toEqual({ notification: 'denied', location: 'denied', camera: 'denied', screen: 'denied' }); // prettier-ignore
  });

  it('openExternal hands listed https pages to the system, and nothing else', async () => {
    await desktop.app.evaluate(({ shell }) => {
      const opened: string[] = [];
      (globalThis as unknown as { opened: string[] }).opened = opened;
      shell.openExternal = (url) => {
        opened.push(url);
        return Promise.resolve();
      };
    });
    const codes = await desktop.page.evaluate(async () => {
      const outcomes: string[] = [];
      for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://server/x', 'ms-settings:', 'https://arxiv.org.evil/abs/2010.03759', 'https://arxiv.org/abs/2010.03759']) {
        const outcome = await window.straylight.openExternal(url);
        outcomes.push(outcome.ok ? 'opened' : outcome.error.code);
      }
      return outcomes;
    }); // prettier-ignore
    expect(codes).toEqual([...Array<string>(5).fill('forbidden'), 'opened']);
    const opened = await desktop.app.evaluate(
      () => (globalThis as unknown as { opened: string[] }).opened,
    );
    expect(opened).toEqual(['https://arxiv.org/abs/2010.03759']);
  });

  // Paths enter by dialogs and by dropping what is on disk. A file that a script makes has no path.
  it('a script cannot name a path', async () => {
    const outcomes = await desktop.page.evaluate(async () => {
      const { straylight } = window;
      const made = new File(['x'], '/etc/passwd');
      const tried = [
        await straylight.grantDropped([made]),
        await straylight.updateSettings({ workspace: '/etc' } as never),
        await straylight.saveFile('', new Uint8Array(1)),
        await straylight.pick('/etc' as never),
      ];
      return tried.map((outcome) => (outcome.ok ? outcome.value : outcome.error.code));
    });
    expect(outcomes).toEqual([[], 'invalid-request', 'invalid-request', 'invalid-request']);
  });

  it('thumbnails: traversal in any spelling is 4xx and no byte', async () => {
    const addresses = [
      'thumb://../../etc/passwd',
      'thumb://d-1/../../../etc/passwd',
      'thumb://%2e%2e/%2e%2e/etc/passwd',
      'thumb://%252e%252e/0',
      'thumb://d-1\\0',
      'thumb://..\\..\\etc\\passwd',
      'thumb://d-1/0%00',
      'thumb:///etc/passwd',
      'thumb://d-20261124-0000000/0',
      'thumb://d-20261124-0000000/0?size=99999',
    ];
    const answers = await desktop.app.evaluate(async ({ net }, urls) => {
      const all: [string, number, number][] = [];
      for (const url of urls) {
        const response = await net.fetch(url).catch(() => null);
        all.push([
          url,
          response?.status ?? 400,
          response ? (await response.arrayBuffer()).byteLength : 0,
        ]);
      }
      return all;
    }, addresses);
    for (const [url, status, bytes] of answers) {
      expect([url, Math.floor(status / 100)]).toEqual([url, 4]);
      expect([url, bytes]).toEqual([url, 0]);
    }
    const shown = await desktop.page.evaluate(
      (urls) =>
        Promise.all(
          urls.map(
            (url) =>
              new Promise((resolve) => {
                const image = new Image();
                image.onload = () => resolve(`${url} was shown`);
                image.onerror = () => resolve('');
                image.src = url;
              }),
          ),
        ),
      addresses,
    );
    expect(shown.filter((text) => text !== '')).toEqual([]);
  });

  it('files of the page: nothing outside of what was built', async () => {
    const statuses = await desktop.app.evaluate(async ({ net }) => {
      const all: number[] = [];
      for (const path of ['/../main/index.js', '/%2e%2e/main/index.js', '/..%5cmain%5cindex.js', '/%252e%252e/main/index.js', '/package.json', '/assets'])
        all.push((await net.fetch(`straylight://app${path}`)).status);
      all.push((await net.fetch('straylight://evil/index.html')).status);
      all.push((await net.fetch('straylight://app/index.html')).status);
      return all;
    }); // prettier-ignore
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 404, 200]);
  });

  // The window talks to the engine on a port of its own, and gets the window's methods only.
  it('the engine’s port answers windows, but not what only hosts may ask', async () => {
    const replies = await desktop.page.evaluate(async () => {
      const ticket = crypto.randomUUID();
      const port = await new Promise<MessagePort>((resolve) => {
        window.addEventListener('message', ({ data, ports }: MessageEvent<{ ticket?: string }>) => {
          if (data.ticket === ticket) resolve(ports[0]!);
        });
        void window.straylight.requestEnginePort(ticket);
      });
      const outcomes = new Map<number, string>();
      await new Promise((resolve) => {
        port.onmessage = ({ data }: MessageEvent<Reply>) => {
          outcomes.set(data.id, data.type === 'error' ? data.error.code : data.type);
          if (outcomes.size === 2) resolve(null);
        };
        port.postMessage({ type: 'call', id: 1, method: 'app.info', params: {} });
        port.postMessage({ type: 'call', id: 2, method: 'grants.add', params: { path: '/etc' } });
      });
      return [outcomes.get(1), outcomes.get(2)];
    });
    expect(replies).toEqual(['result', 'invalid-request']);
  });
});
