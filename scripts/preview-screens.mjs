#!/usr/bin/env node
/**
 * Pictures of the window on invented data, to look at:
 *
 *     node scripts/preview-screens.mjs --out DIR [--only TEXT] [--size 1280x800] [--theme dark] [--no-build]
 *     node scripts/preview-screens.mjs --out DIR --path '?images=12#/scores' --name scores-12
 *
 * Needs Chromium (CHROMIUM_PATH, else /usr/bin/chromium). Prints what the page reported as errors, the content
 * security policy's among them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { buildPreview, servePreview } from './preview.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    size: { type: 'string', multiple: true, default: ['1280x800', '1024x640'] },
    theme: { type: 'string', multiple: true, default: ['light', 'dark'] },
    path: { type: 'string' },
    name: { type: 'string', default: 'screen' },
    'no-build': { type: 'boolean', default: false },
  },
});
if (!values.out) throw new Error('Say where the pictures go: --out DIR');

/** @typedef {{ name: string, path: string, act?: (page: import('playwright-core').Page) => Promise<unknown> }} Screen */
/** @param {string} view @returns {(page: import('playwright-core').Page) => Promise<unknown>} */
const heatMap = (view) => async (page) => {
  await page
    .locator('article')
    .waitFor({ timeout: 3000 })
    .catch(() => page.keyboard.press('d'));
  await page.getByText(view, { exact: true }).click();
  await page.locator('article canvas').first().waitFor();
};

/**
 * @param {string} field @param {string} objective @param {string} outliers
 * @returns {(page: import('playwright-core').Page) => Promise<unknown>}
 */
const chooseOutliers = (field, objective, outliers) => async (page) => {
  await page.getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: objective }).click();
  await page.getByRole('combobox', { name: outliers }).click();
  await page.getByRole('option', { name: 'textures' }).click();
};

/** @type {Screen[]} */
const SCREENS = values.path
  ? [{ name: values.name, path: values.path }]
  : [
      { name: 'first-start', path: '?images=0&first=1#/' },
      { name: 'empty', path: '?images=0#/datasets' },
      { name: 'empty-scores', path: '?images=0#/scores' },
      {
        name: 'palette',
        path: '?images=9500#/datasets',
        act: (page) => page.keyboard.press('Control+k'),
      },
      {
        name: 'detectors',
        path: '?images=2000#/scores?tab=detectors',
        act: (page) => page.locator('.detectors tbody tr').first().waitFor(),
      },
      {
        name: 'detectors-distributions',
        path: '?images=2000#/scores?tab=detectors',
        act: async (page) => {
          await page.locator('.detectors tbody tr').first().waitFor();
          await page.getByText('Distributions', { exact: true }).click();
        },
      },
      {
        name: 'detector-picker',
        path: '?images=2000#/scores?score=mahalanobis',
        act: (page) => page.getByRole('button', { name: /^Score: / }).click(),
      },
      { name: 'detector-missing', path: '?images=2000#/scores?score=odin' },
      {
        name: 'detector-chinese',
        path: '?images=2000&language=zh-CN#/scores?tab=detectors',
        act: (page) => page.locator('.detectors tbody tr').first().waitFor(),
      },
      {
        name: 'detector-image',
        path: '?images=2000#/scores',
        act: async (page) => {
          await page
            .locator('article')
            .waitFor({ timeout: 3000 })
            .catch(() => page.keyboard.press('d'));
          await page.getByText('Under every detector').scrollIntoViewIfNeeded();
        },
      },
      { name: 'heat-map', path: '?images=9500#/scores', act: heatMap('Heat map') },
      { name: 'heat-map-signed', path: '?images=9500#/scores', act: heatMap('For and against') },
      {
        name: 'heat-map-chinese',
        path: '?images=9500&language=zh-CN#/scores',
        act: heatMap('热图'),
      },
      {
        name: 'train-outliers',
        path: '?images=9500#/train?new=finetune&parent=m-before',
        act: chooseOutliers('Objective', 'Energy margin', 'Auxiliary outliers'),
      },
      {
        name: 'train-outliers-chinese',
        path: '?images=9500&language=zh-CN#/train?new=finetune&parent=m-before',
        act: chooseOutliers('训练目标', '能量间隔', '辅助离群图像'),
      },
      { name: 'robustness', path: '?images=9500#/models/m-before', act: (page) => page.getByRole('button', { name: 'Measure on corrupted images' }).click().then(() => page.getByText('Defocus', { exact: true }).scrollIntoViewIfNeeded()) }, // prettier-ignore
      { name: 'tray', path: '?images=9500&running=1#/train', act: (page) => page.keyboard.press('Control+j') }, // prettier-ignore
      {
        name: 'shortcuts',
        path: '?images=9500#/datasets',
        act: (page) => page.keyboard.press('?'),
      },
      { name: 'settings', path: '?images=9500#/settings' },
      { name: 'settings-foot', path: '?images=9500#/settings#privacy' },
      { name: 'settings-chinese', path: '?images=9500&language=zh-CN&running=1#/settings' },
      { name: 'device', path: '?images=9500#/datasets', act: (page) => page.getByRole('button', { name: 'CPU' }).click() }, // prettier-ignore
      { name: 'engine-gone', path: '?images=9500&running=1&state=gone#/datasets', act: (page) => page.getByRole('alert').first().waitFor() }, // prettier-ignore
      { name: 'workspace-failed', path: '?images=9500&state=workspace#/datasets' },
      { name: 'collapsed', path: '?images=9500&running=1&collapsed=1#/models' },
    ];

if (!values['no-build']) await buildPreview();
fs.mkdirSync(values.out, { recursive: true });
const server = await servePreview(0);
const address = server.address();
const port = address && typeof address === 'object' ? address.port : 0;
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
for (const size of values.size)
  for (const theme of values.theme) {
    const [width = 1280, height = 800] = size.split('x').map(Number);
    const page = await browser.newPage({ viewport: { width, height } });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) console.log(`  ${message.text()}`);
    });
    page.on('pageerror', (error) => console.log(`  ${error.message}`));
    for (const screen of SCREENS.filter(({ name }) => name.includes(values.only))) {
      const [query = '', ...hash] = screen.path.split('#');
      const join = query.includes('?') ? '&' : '?';
      // A new document each time: the fake keeps what was done to it.
      await page.goto('about:blank');
      await page.goto(`http://127.0.0.1:${port}/${query}${join}theme=${theme}#${hash.join('#')}`);
      await page.waitForLoadState('networkidle');
      // Text: the page's globals are not this script's.
      await page.evaluate('document.fonts.ready.then(() => undefined)');
      await screen.act?.(page);
      await page.evaluate(
        'Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))).then(() => undefined)',
      );
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'); // prettier-ignore
      const file = path.join(values.out, `${screen.name}-${theme}-${size}.png`);
      await page.screenshot({ path: file });
      console.log(file);
    }
    await page.close();
  }
await browser.close();
server.close();
