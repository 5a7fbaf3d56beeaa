/** The way through the same window in Chromium, from `straylight serve`, where paths are typed instead of dropped. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, noBrowser, withBrowser } from '../support/browser.ts';
import { testFolders } from '../support/desktop.ts';
import { connectionsOut, noTrace, tracedProgram } from '../support/network.ts';
import { startServe, type Served } from '../support/serve.ts';
import { writeSmallSample, type SmallSample } from '../support/small-sample.ts';
import { compare, dataset, finetune, mouse, pretrain, record, report, scan, score, threshold, type Hand } from '../support/way.ts'; // prettier-ignore

describe.skipIf(noBrowser !== null)(withBrowser('the way through the browser'), () => {
  const folders = testFolders();
  const messages: string[] = [];
  const elsewhere: string[] = [];
  let sample: SmallSample;
  let served: Served;
  let browser: Browser;
  let page: Page;
  let hand: Hand;

  const log = join(folders.root, 'connections');
  const untraced = noTrace();

  /** Tracing makes everything slower, so that the second start goes without it. */
  async function open(trace: boolean): Promise<void> {
    const program = trace
      ? tracedProgram(process.execPath, join(folders.root, 'traced'), log)
      : process.execPath;
    served = await startServe({ ...folders, program }, '--port', '0');
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'data:' && host !== `127.0.0.1:${served.port}`) elsewhere.push(host);
    });
    await page.goto(served.link);
    hand = mouse(page);
  }
  async function close(): Promise<void> {
    await page.context().close();
    served.process.kill('SIGTERM');
    await served.ended;
  }
  beforeAll(async () => {
    sample = await writeSmallSample(join(folders.root, 'images'), 40, 30);
    browser = await launchBrowser();
    await open(untraced === null);
  });
  afterAll(async () => {
    await close();
    await browser.close();
    folders.remove();
  });

  it('adds folders by their paths', async () => {
    await page.getByRole('button', { name: 'Use my own folders' }).click();
    for (const path of sample.all) {
      await page.getByRole('button', { name: 'Add folders' }).first().click();
      await page.getByRole('textbox', { name: 'Path of a folder' }).fill(path);
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByTitle(path, { exact: true }).waitFor();
    }
    await scan(page, hand, ['clothing', 'digits', 'textures']);
  });

  it('trains, scores, records a threshold, excludes and compares', async () => {
    await pretrain(page, hand, 1);
    await finetune(page, hand, 1);
    await score(page, hand);
    await threshold(page).focus();
    await page.keyboard.press('PageDown');
    await record(page, hand, 'Ada', 'From a browser');
    await page.getByRole('grid').focus();
    await page.keyboard.press('x');
    await page.getByRole('gridcell', { name: /Excluded$/ }).waitFor();
    expect(await compare(page, hand)).toContain('over 2 OOD sets');
  });

  it('builds a report and shows its pages', async () => {
    const pages = await report(page, hand);
    await pages.getByText('not supplied').first().waitFor();
    // All detectors score when a report is built: minutes on a busy machine.
  }, 600_000);

  it('finds it all again when the server was stopped and started', async () => {
    await close();
    await open(false);
    await dataset(page, 'clothing').waitFor();
    await hand.screen('Scores');
    await threshold(page).waitFor();
    expect(await page.getByLabel('What the threshold does').innerText()).toContain('Recorded');
    await page.getByRole('gridcell', { name: /Excluded$/ }).waitFor();
  });

  it.skipIf(untraced !== null)(
    untraced === null
      ? 'server and engine connected to no other machine'
      : `server and engine connected to no other machine [skipped: ${untraced}]`,
    () => {
      expect(connectionsOut(log)).toEqual([]);
    },
  );

  it('asked nobody but its server, and violated no policy', () => {
    expect(elsewhere).toEqual([]);
    expect(messages).toEqual([]);
  });
});
