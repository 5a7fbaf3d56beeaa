/** The whole way by keyboard alone, for those who have no mouse: Tab, Enter, arrows, the command palette. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerDialogs, noDesktop, openDesktop, testFolders, withDesktop, type Desktop } from '../support/desktop.ts'; // prettier-ignore
import { writeSmallSample } from '../support/small-sample.ts';
import { compare, finetune, keyboard, pretrain, record, scan, score, tabTo, threshold, thresholdValue, type Hand } from '../support/way.ts'; // prettier-ignore

describe.skipIf(noDesktop !== null)(withDesktop('the way by keyboard alone'), () => {
  const folders = testFolders();
  let desktop: Desktop;
  let hand: Hand;

  beforeAll(async () => {
    const sample = await writeSmallSample(join(folders.root, 'images'), 40, 30);
    desktop = await openDesktop(folders.config, folders.workspace);
    hand = keyboard(desktop.page);
    // The system's own dialog is not part of the window.
    await answerDialogs(desktop.app, sample.all);
  });
  afterAll(async () => {
    await desktop.close();
    folders.remove();
  });

  it('adds folders and trains', async () => {
    const { page } = desktop;
    await hand.press(page.getByRole('button', { name: 'Use my own folders' }));
    await scan(page, hand, ['clothing', 'digits', 'textures']);
    await pretrain(page, hand, 1);
    await finetune(page, hand, 1);
  });

  it('scores, and records a threshold that the arrows moved', async () => {
    const { page } = desktop;
    await score(page, hand);
    await tabTo(page, threshold(page));
    const before = await thresholdValue(page);
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
    expect(await thresholdValue(page)).toBeLessThan(before);
    await record(page, hand, 'Ada', 'By keyboard');
  });

  it('walks the images, excludes two at once, takes it back, and opens one large', async () => {
    const { page } = desktop;
    const excluded = page.getByRole('gridcell', { name: /Excluded$/ });
    await tabTo(page, page.getByRole('grid'));
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('x');
    await excluded.nth(1).waitFor();
    expect(await excluded.count()).toBe(2);
    await page.keyboard.press('u');
    await excluded.first().waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Space');
    const large = page.getByRole('dialog');
    await large.waitFor();
    await page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });
  });

  it('compares', async () => {
    expect(await compare(desktop.page, hand)).toContain('over 2 OOD sets');
  });
});
