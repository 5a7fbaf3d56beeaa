/// <reference lib="dom" />
/** The way through the window as a person walks it, by mouse or by keyboard alone, in Electron or in a browser. */
import type { Locator, Page } from 'playwright-core';

/** Training is the slowest step: seconds on the small sample, minutes on the whole one or a machine that is busy. */
const SLOW_MS = 600_000;
/** More than any screen has to stop at. */
const MOST_TABS = 150;

/** How somebody reaches a thing and uses it. */
export interface Hand {
  press(target: Locator): Promise<void>;
  fill(target: Locator, text: string): Promise<void>;
  screen(name: Screen): Promise<void>;
}

export type Screen = 'Datasets' | 'Train' | 'Models' | 'Scores' | 'Compare' | 'Curate' | 'Report' | 'Settings'; // prettier-ignore

export const mouse = (page: Page): Hand => ({
  press: (target) => target.click(),
  fill: (target, text) => target.fill(text),
  // The rail begins with its screens; the next step of the way may be called the same.
  screen: (name) =>
    page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('link', { name: new RegExp(`^${name}`) })
      .first()
      .click(),
});

/** Nothing but keys: Tab until it has the focus, then Enter; the screens by the command palette. */
export function keyboard(page: Page): Hand {
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  return {
    press: async (target) => {
      await tabTo(page, target);
      await press('Enter');
    },
    fill: async (target, text) => {
      await tabTo(page, target);
      await press('ControlOrMeta+a');
      await page.keyboard.type(text);
    },
    screen: async (name) => {
      await press('ControlOrMeta+k');
      const palette = page.getByRole('dialog').getByRole('textbox');
      await palette.waitFor();
      await page.keyboard.type(name);
      await page.getByRole('option', { name }).first().waitFor();
      await press('Enter');
      await palette.waitFor({ state: 'detached' });
    },
  };
}

/** @throws when the keyboard alone does not get there */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${target.toString()}`);
}

/** Scans the folders that wait, and waits until each is a row of the list. */
export async function scan(page: Page, hand: Hand, names: readonly string[]): Promise<void> {
  await hand.press(page.getByRole('button', { name: `Scan all ${names.length}` }));
  for (const name of names) await dataset(page, name).waitFor({ timeout: SLOW_MS });
}

/** A dataset's row of the list. */
export const dataset = (page: Page, name: string): Locator =>
  page.getByRole('link').filter({ has: page.getByRole('heading', { name, exact: true }) });

/** @param epochs those of the preset when they are not given */
async function start(page: Page, hand: Hand, epochs?: number): Promise<void> {
  if (epochs !== undefined)
    await hand.fill(page.getByRole('spinbutton', { name: 'Epochs' }), String(epochs));
  await hand.press(page.getByRole('button', { name: 'Start', exact: true }));
}

/** With the quick preset, which is the one that is offered. */
export async function pretrain(page: Page, hand: Hand, epochs?: number): Promise<void> {
  await hand.screen('Train');
  await start(page, hand, epochs);
  await page.getByRole('button', { name: 'Score images' }).waitFor({ timeout: SLOW_MS });
}

/** From the run that is shown; its control is offered and taken. */
export async function finetune(page: Page, hand: Hand, epochs?: number): Promise<void> {
  await hand.press(page.getByRole('button', { name: 'Fine-tune it' }));
  await page.getByRole('checkbox', { name: /control/ }).waitFor();
  await start(page, hand, epochs);
  const done = page.getByRole('navigation', { name: 'Runs' }).getByText(/^Done/);
  await done.nth(2).waitFor({ timeout: SLOW_MS });
}

/** Of the model that the screen begins with. */
export async function score(page: Page, hand: Hand): Promise<void> {
  await hand.screen('Scores');
  await hand.press(page.getByRole('button', { name: /^Score \d+ datasets?$/ }));
  await threshold(page).waitFor({ timeout: SLOW_MS });
}

export const threshold = (page: Page): Locator => page.getByRole('slider', { name: 'Threshold' });

export const thresholdValue = async (page: Page): Promise<number> =>
  Number(await threshold(page).getAttribute('aria-valuenow'));

/** Records the threshold that is shown. */
export async function record(
  page: Page,
  hand: Hand,
  author: string,
  reason: string,
): Promise<void> {
  await hand.press(page.getByRole('button', { name: 'Record…' }));
  await hand.fill(page.getByLabel('Decided by'), author);
  await hand.fill(page.getByLabel('Reason'), reason);
  await hand.press(page.getByRole('button', { name: 'Record the threshold' }));
  await page
    .getByText(/^Recorded the threshold/)
    .first()
    .waitFor();
  await page.keyboard.press('Escape');
}

/** Scores what is missing and waits for the verdict. */
export async function compare(page: Page, hand: Hand): Promise<string> {
  await hand.screen('Compare');
  await hand.press(page.getByRole('button', { name: 'Score what is missing' }));
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.waitFor({ timeout: SLOW_MS });
  return (await verdict.textContent()) ?? '';
}

/** Of what the screen offers; waits until the first page is drawn. */
export async function report(page: Page, hand: Hand): Promise<Locator> {
  await hand.screen('Report');
  await hand.press(page.getByRole('button', { name: 'Create the report' }));
  await hand.press(page.getByRole('button', { name: 'Build the report' }));
  await firstPage(page).waitFor({ timeout: SLOW_MS });
  return reportPages(page);
}

export const reportPages = (page: Page): Locator => page.getByRole('region', { name: 'Pages' });

/** There once it is drawn, with its text. */
export const firstPage = (page: Page): Locator =>
  reportPages(page)
    .getByRole('group', { name: /^Page 1 of \d+$/ })
    .filter({ has: page.locator('canvas'), hasText: 'Straylight' });
