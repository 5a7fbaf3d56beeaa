/** The whole way in the real window, with real images, as somebody walks it who has just installed the app. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/accessibility.ts';
import { answerDialogs, drop, noDesktop, openDesktop, testFolders, withDesktop, type Desktop } from '../support/desktop.ts'; // prettier-ignore
import { netLogged, netLogTo } from '../support/network.ts';
import { openScreen, SCREENS } from '../support/screens.ts';
import { writeSmallSample, type SmallSample } from '../support/small-sample.ts';
import { compare, dataset, finetune, firstPage, mouse, pretrain, record, report, scan, score, threshold, thresholdValue, type Hand } from '../support/way.ts'; // prettier-ignore

/** All detectors score when a report is built: seconds on two idle cores, minutes on a busy machine. */
const SLOW_MS = 600_000;

describe.skipIf(noDesktop !== null)(withDesktop('the way through the window'), () => {
  const folders = testFolders();
  const logs = ['first', 'second'].map((start) => join(folders.root, `${start}-start.json`));
  const said: string[] = [];
  let starts = 0;
  let sample: SmallSample;
  let desktop: Desktop;
  let hand: Hand;

  const open = async (): Promise<void> => {
    desktop = await openDesktop(folders.config, folders.workspace, netLogTo(logs[starts++]!));
    hand = mouse(desktop.page);
  };
  const close = async (): Promise<void> => {
    await desktop.close();
    said.push(...desktop.messages);
  };
  beforeAll(async () => {
    sample = await writeSmallSample(join(folders.root, 'images'));
    await open();
  });
  afterAll(async () => {
    await desktop.close();
    folders.remove();
  });

  const excluded = (state: 'visible' | 'detached'): Promise<void> =>
    desktop.page.getByRole('gridcell', { name: /Excluded$/ }).waitFor({ state });
  const theme = async (chosen: 'light' | 'dark'): Promise<void> => {
    await desktop.page.evaluate(
      (name) => window.straylight.updateSettings({ theme: name }),
      chosen,
    );
    await desktop.page.locator(`html[data-theme="${chosen}"]`).waitFor();
  };

  it('begins with a choice of images; folders that are dropped there are scanned', async () => {
    const { page } = desktop;
    await page.getByRole('button', { name: 'Start with the sample project' }).waitFor();
    await drop(page, sample.all);
    await scan(page, hand, ['clothing', 'digits', 'textures']);
    const row = (await dataset(page, 'clothing').innerText()).replaceAll(/\s+/g, ' ');
    expect(row).toContain('180 images · 3 classes');
    expect(row).toContain('1 unreadable');
    expect(await page.getByRole('main').innerText()).toContain(
      `3 datasets, ${sample.images} images`,
    );
  });

  it('trains, then fine-tunes beside a control', async () => {
    await pretrain(desktop.page, hand, 4);
    await finetune(desktop.page, hand, 2);
    await hand.screen('Models');
    const roles = desktop.page.getByRole('row').filter({ hasText: /Before|Control|Sparse/i });
    await roles.nth(2).waitFor();
    expect(await roles.count()).toBe(3);
  });

  it('scores; the threshold moves by key, tells what it does, and is recorded', async () => {
    const { page } = desktop;
    await score(page, hand);
    const readout = page.getByLabel('What the threshold does');
    const rates = async (): Promise<string[]> =>
      [...(await readout.innerText()).matchAll(/[\d.]+%/g)].slice(0, 3).map(([text]) => text);
    await threshold(page).focus();
    // Nothing is accepted at one end and everything at the other, whatever the scores are.
    await page.keyboard.press('Home');
    await expect.poll(rates).toEqual(['0.0%', '0.0%', '0.0%']);
    await page.keyboard.press('End');
    await expect.poll(rates).toEqual(['100.0%', '100.0%', '100.0%']);
    const end = await thresholdValue(page);
    await page.keyboard.press('PageDown');
    expect(await thresholdValue(page)).toBeLessThan(end);
    await record(page, hand, 'Ada', 'As tried on the line');
    expect(await readout.innerText()).toContain('Recorded');
  });

  it('an image is excluded with x, and comes back with u', async () => {
    const { page } = desktop;
    await page.getByRole('grid').focus();
    await page.keyboard.press('x');
    await excluded('visible');
    await page.keyboard.press('u');
    await excluded('detached');
    // One stays out, for the next start to find.
    await page.keyboard.press('x');
    await excluded('visible');
  });

  it('compares before and after, with a verdict', async () => {
    const verdict = await compare(desktop.page, hand);
    expect(verdict).toMatch(/^(Improved|Not shown|Worse)/);
    expect(verdict).toContain('over 2 OOD sets');
  });

  it(
    'builds a report; its pages are shown and follow what is filled in',
    async () => {
      const { page } = desktop;
      const pages = await report(page, hand);
      // Something is drawn: a canvas that is all of one colour would be an empty page.
      const colours = await firstPage(page)
        .locator('canvas')
        .evaluate((element) => {
          const canvas = element as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        });
      expect(colours).toBeGreaterThan(2);
      await page.getByRole('tab', { name: /^Statements/ }).click();
      await page.getByLabel('Author').fill('Ada Lovelace');
      await pages.getByText('Ada Lovelace').first().waitFor({ timeout: SLOW_MS });
      await page.keyboard.press('Escape');
    },
    SLOW_MS,
  );

  it(
    'writes a signed version, exports it, and verifies what was exported',
    async () => {
      const { page } = desktop;
      const place = join(folders.root, 'reports');
      mkdirSync(place);
      await answerDialogs(desktop.app, [place]);
      await page.getByRole('tab', { name: /^Versions/ }).click();
      await page.getByRole('button', { name: 'Sign with a key' }).click();
      await page.getByRole('button', { name: 'Make a key in a folder…' }).click();
      await page.getByText(/^The key is in/).waitFor();
      await page.getByRole('button', { name: 'Write version 1' }).click();
      await page.getByText('Version 1', { exact: true }).first().waitFor({ timeout: SLOW_MS });
      await page.getByRole('button', { name: 'Export…' }).click();
      await page.getByText('Exported to').waitFor();
      const folder = readdirSync(place).find((name) => name.endsWith('-v1'))!;
      expect(readdirSync(join(place, folder))).toEqual(
        expect.arrayContaining([
          'manifest.json',
          'manifest.sig',
          'per-image.csv',
          'report.json',
          'report.pdf',
        ]),
      );
      expect(
        readFileSync(join(place, folder, 'report.pdf'))
          .subarray(0, 5)
          .toString(),
      ).toBe('%PDF-');
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
      await page.getByText('Verified: nothing differs.').waitFor({ timeout: SLOW_MS });
    },
    SLOW_MS,
  );

  it('after a restart everything is there again', async () => {
    await hand.screen('Scores');
    const chosen = await thresholdValue(desktop.page);
    await close();
    await open();
    const { page } = desktop;
    for (const name of ['clothing', 'digits', 'textures']) await dataset(page, name).waitFor();
    await hand.screen('Models');
    await page.getByRole('row').nth(3).waitFor();
    await hand.screen('Scores');
    await threshold(page).waitFor();
    expect(await thresholdValue(page)).toBeCloseTo(chosen, 9);
    expect(await page.getByLabel('What the threshold does').innerText()).toContain('Recorded');
    await excluded('visible');
    await page.getByRole('button', { name: 'Record…' }).click();
    await page.getByText('As tried on the line').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid').focus();
    await page.keyboard.press('u');
    await excluded('detached');
  });

  it.each(SCREENS.map((screen) => [screen.name, screen] as const))(
    '%s keeps nobody out, in light and dark (axe)',
    async (_, screen) => {
      const { page } = desktop;
      await theme('light');
      await openScreen(page, screen);
      expect(await violations(page)).toEqual([]);
      // Colours are all that a theme changes.
      await theme('dark');
      expect(await violations(page, ['color-contrast'])).toEqual([]);
    },
  );

  it('none of it violated the policy of the page, nor failed in its console', async () => {
    await close();
    expect(said).toEqual([]);
  });

  // The engine's side of it is in browser-way.test.ts.
  it('none of it looked up a name or connected to anything, not even Chromium by itself', () => {
    for (const file of logs) {
      const { events, outward } = netLogged(file);
      expect(events).toBeGreaterThan(0);
      expect(outward).toEqual([]);
    }
  });
});
