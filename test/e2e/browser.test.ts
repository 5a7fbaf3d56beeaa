/** The same window in Chromium, from the local web server, and a hostile page in the browser beside it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, noBrowser, withBrowser } from '../support/browser.ts';
import { testFolders } from '../support/desktop.ts';
import { startServe, type Served } from '../support/serve.ts';

describe.skipIf(noBrowser !== null)(withBrowser('the window in a browser'), () => {
  const folders = testFolders();
  let served: Served;
  let browser: Browser;
  let context: BrowserContext;
  let hostile: Server;
  let hostileOrigin = '';
  /** A picture of the window's own, which its page does show. */
  let picture = '';

  beforeAll(async () => {
    served = await startServe(folders, '--port', '0');
    browser = await launchBrowser();
    context = await browser.newContext();
    hostile = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>hostile</title>');
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    hostileOrigin = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser.close();
    hostile.close();
    served.process.kill('SIGTERM');
    await served.ended;
    folders.remove();
  });

  it('opens by its link, reaches the engine, and violates nothing of its own policy', async () => {
    const page = await context.newPage();
    const messages: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    page.on('response', (response) => {
      if (response.status() >= 400) messages.push(`${response.status()} ${response.url()}`);
    });
    page.on('pageerror', (error) => messages.push(error.message));
    await page.goto(served.link);
    await page.waitForURL((url) => url.pathname === '/');
    await page.waitForSelector('nav');
    // The workspace's name comes from the engine.
    await page.getByText('workspace', { exact: true }).first().waitFor();
    expect(messages).toEqual([]);
    expect(page.url()).not.toContain('code=');
    picture = await page.evaluate(() => {
      const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
      return new Promise((resolve, reject) => {
        const element = new Image();
        element.onload = () => resolve(element.src);
        element.onerror = () => reject(new Error(`${element.src} was not shown`));
        element.src = link!.href;
      });
    });
    await page.close();
  });

  // Same site, other port: SameSite does not keep the cookie away from it. Origin does.
  it('a page of another origin in the same browser gets nothing', async () => {
    const page = await context.newPage();
    await page.goto(hostileOrigin);
    const outcomes = await page.evaluate(
      async ({ base, shown }) => {
        const socket = (path: string): Promise<string> =>
          new Promise((resolve) => {
            const opened = new WebSocket(base.replace('http', 'ws') + path);
            opened.onopen = () => resolve('opened');
            opened.onerror = () => resolve('refused');
          });
        const read = (path: string, init: RequestInit): Promise<string> =>
          fetch(base + path, { credentials: 'include', ...init }).then(
            async (response) => `${response.type} ${(await response.text()).length}`,
            () => 'refused',
          );
        const image = await new Promise((resolve) => {
          const element = new Image();
          element.onload = () => resolve('shown');
          element.onerror = () => resolve('refused');
          element.src = shown;
        });
        return {
          engine: await socket('/engine'),
          host: await socket('/host'),
          page: await read('/', {}),
          text: await read('/api/link', { method: 'POST', body: '{}' }),
          json: await read('/api/link', {
            method: 'POST',
            body: '{}',
            headers: { 'Content-Type': 'application/json' },
          }),
          unread: await read('/api/link', { method: 'POST', body: '{}', mode: 'no-cors' }),
          image,
        };
      },
      { base: `http://127.0.0.1:${served.port}`, shown: picture },
    );
    expect(picture).not.toBe('');
    expect(outcomes).toEqual({
      engine: 'refused',
      host: 'refused',
      page: 'refused',
      text: 'refused',
      json: 'refused',
      // Cross-Origin-Resource-Policy says same-origin, so not even an opaque answer arrives.
      unread: 'refused',
      image: 'refused',
    });
    await page.close();
  });

  it('nor does it get a frame around the window', async () => {
    const page = await context.newPage();
    await page.goto(hostileOrigin);
    const framed = await page.evaluate(
      (base) =>
        new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.onload = () => resolve(frame.contentWindow?.length ?? 0);
          frame.src = base;
          document.body.append(frame);
        }),
      `http://127.0.0.1:${served.port}/`,
    );
    expect(framed).toBe(0);
    const inner = page.frames().find((frame) => frame !== page.mainFrame());
    expect(await inner?.title().catch(() => '')).not.toBe('Straylight');
    await page.close();
  });
});
