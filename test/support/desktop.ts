/// <reference lib="dom" />
/** The real window: Electron, driven by Playwright, on settings and a workspace of its own. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { isBuilt } from '../../scripts/build.mjs';
import { findElectron } from '../../scripts/setup/electron.mjs';
import { hasDisplay } from '../../scripts/start.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const electron = findElectron();

/** Why the real window cannot be tested here; null when it can. Tests are skipped under this name. */
export const noDesktop: string | null = !electron
  ? 'no Electron binary (npm run setup -- --electron)'
  : !hasDisplay(process.env)
    ? 'no display (apt-get install xvfb xauth; npm test starts it)'
    : !isBuilt()
      ? 'the window is not built (npm test builds it)'
      : null;

/** Title of a suite that needs the window, with the reason when it is skipped. */
export const withDesktop = (title: string): string =>
  noDesktop === null ? title : `${title} [skipped: ${noDesktop}]`;

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** What the window's console and the page's errors said. */
  readonly messages: readonly string[];
  close(): Promise<void>;
}

/** Folders of one test, removed at its end. */
export function testFolders(): {
  /** For what else the test writes. */
  readonly root: string;
  readonly config: string;
  readonly workspace: string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'straylight-desktop-'));
  return {
    root: folder,
    config: join(folder, 'config'),
    workspace: join(folder, 'workspace'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Arguments and environment of a start, for Playwright and for plain processes. */
export function launchOptions(config: string, workspace: string) {
  return {
    executablePath: electron!.path,
    // As root Chromium refuses its sandbox; see scripts/start.mjs.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ROOT],
    env: {
      ...(process.env as Record<string, string>),
      STRAYLIGHT_CONFIG: config,
      STRAYLIGHT_WORKSPACE: workspace,
    },
  };
}

/** Starts take 1 to 2 s; now and then one never gets as far as Playwright's first message, which no wait mends. */
const START_LIMIT_MS = 25_000;
const MOST_STARTS = 3;

/** @param more arguments for Chromium */
export async function openDesktop(
  config: string,
  workspace: string,
  ...more: readonly string[]
): Promise<Desktop> {
  for (let start = 1; ; start++) {
    const opening = startDesktop(config, workspace, more);
    const desktop = await Promise.race([opening, limitOf(START_LIMIT_MS)]);
    if (desktop) return desktop;
    opening.catch(() => undefined);
    endProcessesOf(config);
    if (start === MOST_STARTS)
      throw new Error(`Electron did not open a window in ${MOST_STARTS} starts of ${START_LIMIT_MS / 1000} s.`); // prettier-ignore
    console.warn(`Electron did not open a window in ${START_LIMIT_MS / 1000} s; it is started again.`); // prettier-ignore
  }
}

async function startDesktop(
  config: string,
  workspace: string,
  more: readonly string[],
): Promise<Desktop> {
  const options = launchOptions(config, workspace);
  const app = await _electron.launch({ ...options, args: [...more, ...options.args] });
  const page = await app.firstWindow();
  const messages: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  await page.waitForFunction(() => document.readyState === 'complete');
  return { app, page, messages, close: () => app.close() };
}

const limitOf = (ms: number): Promise<null> =>
  new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());

/** Ends what was started on a configuration folder, found by its environment. */
function endProcessesOf(config: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(`STRAYLIGHT_CONFIG=${config}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone in the meantime, or not ours to see.
    }
  }
}

/** Drops files and folders of this machine onto the window, as a file manager does. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      x: 300,
      y: 300,
      data: { items: [], files: [...paths], dragOperationsMask: 19 },
    });
  await session.detach();
}

/** What the system's dialog answers from now on, in its place. */
export const answerDialogs = (app: ElectronApplication, paths: readonly string[]): Promise<void> =>
  app.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [...filePaths] });
  }, paths);

/** The process id of the engine, as Electron reports it. */
export async function enginePid(app: ElectronApplication): Promise<number | null> {
  const metrics = await app.evaluate(({ app: running }) =>
    running.getAppMetrics().map(({ pid, serviceName, name }) => ({ pid, name, serviceName })),
  );
  return metrics.find(({ name }) => name === 'Straylight engine')?.pid ?? null;
}
