/// <reference lib="dom" />
/** Every screen of a workspace with datasets and three models, one after the other: for checks of each, and for pictures. */
import type { Page } from 'playwright-core';
import { threshold } from './way.ts';

export interface WindowScreen {
  readonly name: string;
  /** After `#`. */
  readonly path: string;
  /** What is done there, and what is waited for. */
  open?(page: Page): Promise<unknown>;
}

const tab = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('tab', { name }).click(); // prettier-ignore
const grid = (page: Page): Promise<void> => page.getByRole('gridcell').first().waitFor();
const chart = (page: Page, at = 0): Promise<void> => page.locator('canvas').nth(at).waitFor();
async function dataset(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('link').first().click();
  await page.getByRole('tab', { name: 'Overview' }).waitFor();
}
async function scored(page: Page): Promise<void> {
  await threshold(page).waitFor();
}
async function compared(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Verdict' }).waitFor();
}

export const SCREENS: readonly WindowScreen[] = [
  {
    name: 'start',
    path: '/start',
    open: (page) => page.getByRole('button', { name: 'Use my own folders' }).waitFor(),
  },
  {
    name: 'datasets',
    path: '/datasets',
    open: (page) => page.getByRole('main').getByRole('link').first().waitFor(),
  },
  { name: 'dataset', path: '/datasets', open: dataset },
  {
    name: 'dataset-images',
    path: '/datasets',
    open: async (page) => {
      await dataset(page);
      await tab(page, /images?$/);
      await grid(page);
    },
  },
  {
    name: 'dataset-problems',
    path: '/datasets',
    open: async (page) => {
      await dataset(page);
      await tab(page, /^Problems/);
    },
  },
  {
    name: 'train-new',
    path: '/train?new=pretrain',
    open: (page) => page.getByRole('button', { name: 'Start', exact: true }).waitFor(),
  },
  {
    name: 'train-finetune',
    path: '/train?new=finetune',
    open: (page) => page.getByRole('checkbox', { name: /control/ }).waitFor(),
  },
  {
    name: 'train-run',
    path: '/train',
    open: async (page) => {
      await page.getByRole('navigation', { name: 'Runs' }).getByRole('button').last().click();
      await chart(page, 3);
    },
  },
  { name: 'models', path: '/models', open: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'model',
    path: '/models',
    open: async (page) => {
      await page.getByRole('row').nth(2).click();
      await page.getByRole('complementary').getByRole('heading').first().waitFor();
    },
  },
  {
    name: 'scores',
    path: '/scores',
    open: async (page) => {
      await scored(page);
      await grid(page);
    },
  },
  {
    name: 'scores-image',
    path: '/scores',
    open: async (page) => {
      await scored(page);
      await grid(page);
      await page.keyboard.press('d');
      await page.getByRole('complementary').getByText('Energy').first().waitFor();
    },
  },
  { name: 'scores-sets', path: '/scores?tab=sets', open: scored },
  {
    name: 'scores-confusion',
    path: '/scores?tab=confusion',
    open: async (page) => {
      await scored(page);
      await page.getByRole('table').last().waitFor();
    },
  },
  {
    name: 'scores-map',
    path: '/scores?tab=map',
    open: async (page) => {
      await scored(page);
      await chart(page, 1);
    },
  },
  { name: 'compare', path: '/compare', open: compared },
  {
    name: 'compare-distributions',
    path: '/compare?tab=distributions',
    open: async (page) => {
      await compared(page);
      await chart(page, 2);
    },
  },
  {
    name: 'compare-curves',
    path: '/compare?tab=curves',
    open: async (page) => {
      await compared(page);
      await chart(page);
    },
  },
  { name: 'compare-images', path: '/compare?tab=images', open: compared },
  { name: 'curate', path: '/curate' },
  {
    name: 'report',
    path: '/report?tab=words',
    open: (page) => page.getByRole('region', { name: 'Pages' }).locator('canvas').first().waitFor(),
  },
  {
    name: 'report-criteria',
    path: '/report?tab=criteria',
    open: (page) => page.getByRole('form', { name: 'Add a criterion' }).waitFor(),
  },
  {
    name: 'report-versions',
    path: '/report?tab=versions',
    open: (page) => page.getByRole('button', { name: /^Write version/ }).waitFor(),
  },
  {
    name: 'report-new',
    path: '/report?new=1',
    open: (page) => page.getByRole('button', { name: 'Create the report' }).waitFor(),
  },
  {
    name: 'settings',
    path: '/settings',
    open: (page) => page.getByRole('heading', { name: 'Settings' }).first().waitFor(),
  },
  {
    name: 'palette',
    path: '/datasets',
    open: async (page) => {
      await page.keyboard.press('ControlOrMeta+k');
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'shortcuts',
    path: '/scores',
    open: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'jobs',
    path: '/datasets',
    open: async (page) => {
      await page.keyboard.press('ControlOrMeta+j');
      await page.getByRole('dialog').waitFor();
    },
  },
];

/** Opens it in a page that is new, so that nothing of the screen before is left. */
export async function openScreen(page: Page, screen: WindowScreen): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), screen.path);
  await page.reload();
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await page.waitForFunction(() => !document.body.innerText.includes('Starting the engine'));
  await screen.open?.(page);
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy="true"]') === null &&
      [...document.images].every(({ complete, loading }) => complete || loading === 'lazy'),
  );
}
