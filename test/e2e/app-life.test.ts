/** Processes that die, starts that come twice, files that are damaged: what a person then sees, in the real window. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExposedApi } from '../../src/contract/exposed-api.ts';
import type { EngineState } from '../../src/contract/host.ts';
import { drop, enginePid, launchOptions, noDesktop, openDesktop, testFolders, withDesktop, type Desktop } from '../support/desktop.ts'; // prettier-ignore
import { isRunning, until } from '../support/processes.ts';

declare global {
  interface Window {
    straylight: ExposedApi;
    /** What the window was told of the engine, and when. */
    told: { readonly state: EngineState; readonly atMs: number }[];
  }
}

describe.skipIf(noDesktop !== null)(withDesktop('the app'), () => {
  let folders: ReturnType<typeof testFolders>;
  let desktop: Desktop | null = null;

  beforeEach(() => {
    folders = testFolders();
  });
  afterEach(async () => {
    await desktop?.close();
    desktop = null;
    folders.remove();
  });

  const open = async (): Promise<Desktop> =>
    (desktop = await openDesktop(folders.config, folders.workspace));

  async function runningEngine({ app, page }: Desktop): Promise<number> {
    await page.evaluate(() => {
      window.told = [];
      window.straylight.onEngineState((state) =>
        window.told.push({ state, atMs: performance.now() }),
      );
    });
    await page.waitForFunction(() => window.told.at(-1)?.state.state === 'running');
    const pid = await enginePid(app);
    expect(pid).not.toBeNull();
    return pid!;
  }

  it('the engine is killed: the window is told why within 2 s, and a restart brings it back', async () => {
    const opened = await open();
    const pid = await runningEngine(opened);
    const killedMs = await opened.page.evaluate(() => performance.now());
    process.kill(pid, 'SIGKILL');
    await opened.page.waitForFunction(() => window.told.at(-1)?.state.state === 'gone');
    const { state, atMs } = (await opened.page.evaluate(() => window.told.at(-1)))!;
    expect(state).toMatchObject({ state: 'gone', error: { code: 'engine-gone' } });
    // The promise to the person at the window, not a measurement.
    expect(atMs - killedMs).toBeLessThan(2000);
    expect((await opened.page.evaluate(() => window.straylight.restartEngine())).ok).toBe(true);
    await opened.page.waitForFunction(() => window.told.at(-1)?.state.state === 'running');
    expect(await enginePid(opened.app)).not.toBe(pid);
  });

  // An engine without its window would hold the GPU and the workspace for nobody.
  it('main is killed: the engine ends within 5 s', async () => {
    const opened = await open();
    const pid = await runningEngine(opened);
    desktop = null;
    opened.app.process().kill('SIGKILL');
    await until(() => !isRunning(pid), 5000, 'the engine has ended');
  });

  it('quitting ends the engine too', async () => {
    const opened = await open();
    const pid = await runningEngine(opened);
    desktop = null;
    await opened.close();
    await until(() => !isRunning(pid), 5000, 'the engine has ended');
  });

  // Two engines on one workspace, and two windows on one settings file, would overwrite each other.
  it('a second start leaves it to the first', async () => {
    const opened = await open();
    const { executablePath, args, env } = launchOptions(folders.config, folders.workspace);
    const second = spawn(executablePath, args, { env, stdio: 'ignore' });
    expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
    const windows = await opened.app.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows().length,
    );
    expect(windows).toBe(1);
  });

  it('settings and the window’s place are there again after a restart', async () => {
    const first = await open();
    const bounds = { x: 40, y: 30, width: 1100, height: 700 };
    await first.app.evaluate(({ BrowserWindow }, wanted) => {
      BrowserWindow.getAllWindows()[0]!.setBounds(wanted);
    }, bounds);
    const changed = await first.page.evaluate(() =>
      window.straylight.updateSettings({ theme: 'dark', author: 'Ada' }),
    );
    expect(changed).toMatchObject({ ok: true, value: { theme: 'dark', author: 'Ada' } });
    await first.close();

    const second = await open();
    const info = await second.page.evaluate(() => window.straylight.info());
    expect(info).toMatchObject({ ok: true, value: { settings: { theme: 'dark', author: 'Ada' } } });
    const size = await second.app.evaluate(({ BrowserWindow }) => {
      const { width, height } = BrowserWindow.getAllWindows()[0]!.getBounds();
      return { width, height };
    });
    expect(size).toEqual({ width: 1100, height: 700 });
    const dark = await second.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors);
    expect(dark).toBe(true);
  });

  it('a damaged settings file is kept under another name, and the window opens', async () => {
    mkdirSync(folders.config, { recursive: true });
    writeFileSync(join(folders.config, 'settings.json'), '{"theme": "dark"');
    const { page } = await open();
    const info = await page.evaluate(() => window.straylight.info());
    expect(info).toMatchObject({ ok: true, value: { settings: { theme: 'system' } } });
    expect(readFileSync(join(folders.config, 'settings.kept-1.json'), 'utf8')).toBe(
      '{"theme": "dark"',
    );
  });

  it('a folder that is dropped arrives under an id, with its path for display only', async () => {
    const { page } = await open();
    const folder = join(folders.config, 'images');
    mkdirSync(folder, { recursive: true });
    await page.evaluate(() => {
      const { straylight } = window;
      window.addEventListener('drop', ({ dataTransfer }) => {
        const files = [...(dataTransfer?.files ?? [])];
        void straylight.grantDropped(files).then((outcome) => {
          document.documentElement.dataset['granted'] = JSON.stringify(outcome);
        });
      });
    });
    await drop(page, [folder]);
    await page.waitForFunction(() => document.documentElement.dataset['granted'] !== undefined);
    const outcome: unknown = JSON.parse(
      (await page.evaluate(() => document.documentElement.dataset['granted']))!,
    );
    expect(outcome).toMatchObject({
      ok: true,
      value: [{ kind: 'folder', displayPath: folder }],
    });
  });
});
