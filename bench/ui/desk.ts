/// <reference lib="dom" />
/** The real window on a generated workspace, and what its processes use. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ElectronApplication, Page } from 'playwright-core';
import { launchOptions, openDesktop, type Desktop } from '../../test/support/desktop.ts';
import { probe, READY, type Probe } from './probe.ts';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;
/** How often a starting window is asked whether it has a page. */
const POLL_MS = 20;
const DRAWS_WITHIN_MS = 30_000;
const CLOSES_WITHIN_MS = 10_000;

/** Settings of a person who has been here before: no first-start screen. */
export function configFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'straylight-bench-ui-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'settings.json'), '{"version":1,"firstStartDone":true}');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface ProcessUse {
  readonly engineCpuMs: number;
  readonly windowCpuMs: number;
}

/** One opened window, with the probe in its page. */
export class Desk {
  readonly page: Page;
  private readonly desktop: Desktop;
  private readonly pids: { readonly engine: number; readonly window: number };

  private constructor(desktop: Desktop, pids: Desk['pids']) {
    this.desktop = desktop;
    this.page = desktop.page;
    this.pids = pids;
  }

  /** A window that never draws, which happens under xvfb, is ended and opened again. */
  static async open(config: string, workspace: string): Promise<Desk> {
    for (;;) {
      const desktop = await openDesktop(config, workspace);
      const desk = await Promise.race([Desk.ready(desktop), setTimeout(DRAWS_WITHIN_MS, null)]);
      if (desk) return desk;
      console.log('  (a window drew nothing and was opened again)');
      desktop.app.process().kill('SIGKILL');
    }
  }

  private static async ready(desktop: Desktop): Promise<Desk> {
    await desktop.page.evaluate(probe);
    await desktop.page.evaluate((ready) => window.probe.until(ready), READY.datasets);
    const metrics = await appMetrics(desktop.app);
    const pid = (wanted: (metric: AppMetric) => boolean): number => metrics.find(wanted)!.pid;
    return new Desk(desktop, {
      engine: pid(({ name }) => name === 'Straylight engine'),
      window: pid(({ type }) => type === 'Tab'),
    });
  }

  /** Processor time of all threads since the process began. */
  use(): ProcessUse {
    return {
      engineCpuMs: cpuMs(this.pids.engine),
      windowCpuMs: cpuMs(this.pids.window),
    };
  }

  /** Working sets in MB: the page, and all processes of the app. */
  async memory(): Promise<Readonly<Record<'page' | 'gpu' | 'main' | 'engine', number>>> {
    const metrics = await appMetrics(this.desktop.app);
    const of = (wanted: (metric: AppMetric) => boolean): number =>
      Math.round((metrics.find(wanted)?.memory.workingSetSize ?? 0) / 1000);
    return {
      page: of(({ type }) => type === 'Tab'),
      gpu: of(({ type }) => type === 'GPU'),
      main: of(({ type }) => type === 'Browser'),
      engine: of(({ name }) => name === 'Straylight engine'),
    };
  }

  /** Lets the page throw away what it holds no more. */
  async collectGarbage(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('HeapProfiler.collectGarbage');
    await session.detach();
  }

  /** Ends the process where it does not close by itself. */
  async close(): Promise<void> {
    const closed = this.desktop.close().then(() => true);
    if (!(await Promise.race([closed, setTimeout(CLOSES_WITHIN_MS, false)])))
      this.desktop.app.process().kill('SIGKILL');
  }
}

type AppMetric = Awaited<ReturnType<typeof appMetrics>>[number];
const appMetrics = (app: ElectronApplication) =>
  app.evaluate(({ app: running }) =>
    running.getAppMetrics().map(({ pid, type, name, memory }) => ({ pid, type, name, memory })),
  );

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold anything: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export interface Start {
  /** First pixels of the page, from the start of the process. */
  readonly paintMs: number;
  /** The first screen shows what it is about. */
  readonly readyMs: number;
}

/** A start without Playwright's own loader, which would hold it up: the page is asked from outside when it was ready. */
export async function start(config: string, workspace: string): Promise<Start> {
  const { executablePath, args, env } = launchOptions(config, workspace);
  const startedAt = Date.now();
  const app = spawn(executablePath, ['--remote-debugging-port=0', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let said = '';
      app.stderr.on('data', (data: Buffer) => {
        said += data.toString();
        const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
      app.once('exit', () => reject(new Error(`The window ended at once: ${said}`)));
    });
    const times = (await evaluateOver(
      await pageAddress(port),
      `(${probe.toString()})();
      window.probe.until('${READY.datasets}').then(() => ({
        paint: performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime,
        ready: performance.timeOrigin + performance.now(),
      }))`,
    )) as { readonly paint: number; readonly ready: number };
    return { paintMs: times.paint - startedAt, readyMs: times.ready - startedAt };
  } finally {
    const ended = new Promise((resolve) => app.once('exit', resolve));
    app.kill();
    if (app.exitCode === null && app.signalCode === null) await ended;
  }
}

/** The page's own address for debuggers, once there is a page. */
async function pageAddress(port: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
    const targets = (await answer.json()) as readonly { readonly type: string; readonly webSocketDebuggerUrl: string }[]; // prettier-ignore
    const page = targets.find(({ type }) => type === 'page');
    if (page) return page.webSocketDebuggerUrl;
    await setTimeout(POLL_MS);
  }
}

/** The value that a promise in the page resolves to. */
async function evaluateOver(address: string, expression: string): Promise<unknown> {
  const socket = new WebSocket(address);
  try {
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    for (let id = 1; ; id++) {
      const answered = new Promise<string>((resolve) =>
        socket.addEventListener('message', ({ data }) => resolve(data as string), { once: true }),
      );
      const params = { expression, awaitPromise: true, returnByValue: true };
      socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
      const { result } = JSON.parse(await answered) as {
        result?: { result?: { value?: unknown } };
      };
      const value = result?.result?.value;
      if (value !== undefined) return value;
      // Asked before the document was there: once more.
      await setTimeout(POLL_MS);
    }
  } finally {
    socket.close();
  }
}

declare global {
  interface Window {
    probe: Probe;
  }
}
