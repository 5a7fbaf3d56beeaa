/**
 * Pictures of the screens for docs/screens, from the real window and engine on the sample project:
 *
 *     npm run screens -- [--workspace DIR] [--out DIR] [--only TEXT]
 *
 * Trains with the quick preset first, which takes minutes; a workspace that is given is used as it is where it has
 * models, and kept. Without one, everything is removed at the end.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { openDesktop, testFolders } from '../test/support/desktop.ts';
import { openScreen, SCREENS } from '../test/support/screens.ts';
import * as way from '../test/support/way.ts';
import { ROOT } from './setup/paths.mjs';

const { values } = parseArgs({
  options: {
    workspace: { type: 'string' },
    out: { type: 'string', default: path.join(ROOT, 'docs', 'screens') },
    only: { type: 'string', default: '' },
  },
});
/** One of each kind; the others differ from them by a tab. */
const SHOWN = ['start', 'datasets', 'dataset', 'train-run', 'models', 'scores', 'scores-map', 'compare', 'curate', 'report', 'report-criteria', 'report-versions', 'settings']; // prettier-ignore
const SIZE = { width: 1280, height: 800 };
/** Enough to tell the photographs; more than 200 kB a picture is not worth it. */
const PNG = { palette: true, colours: 128, effort: 10, dither: 0.5 };

const folders = testFolders();
const workspace = path.resolve(values.workspace ?? folders.workspace);
const trained = fs.existsSync(path.join(workspace, 'models'));
const { app, page, close } = await openDesktop(folders.config, workspace);
try {
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, SIZE);
  if (!trained) await walk();
  await page.evaluate('window.straylight.updateSettings({ firstStartDone: true })');
  fs.mkdirSync(values.out, { recursive: true });
  for (const theme of ['light', 'dark']) {
    await page.evaluate(`window.straylight.updateSettings({ theme: '${theme}' })`);
    for (const screen of SCREENS.filter(
      ({ name }) => SHOWN.includes(name) && name.includes(values.only),
    ))
      // prettier-ignore
      await picture(screen, theme);
  }
} finally {
  await close();
  folders.remove();
}

/** The way through with the sample, so that there is something to show. */
async function walk() {
  const hand = way.mouse(page);
  console.log('Training on the sample with the quick preset.');
  page.setDefaultTimeout(600_000);
  await page.getByRole('button', { name: 'Start with the sample project' }).click();
  await page.getByRole('main').getByRole('link').nth(3).waitFor();
  await way.pretrain(page, hand);
  await way.finetune(page, hand);
  await way.score(page, hand);
  await way.record(page, hand, 'Ada Lovelace', 'Keeps 95% of the validation images.');
  await way.compare(page, hand);
  await way.report(page, hand);
  await page.getByRole('tab', { name: /^Versions/ }).click();
  await page.getByRole('button', { name: 'Write version 1' }).click();
  await page.getByRole('button', { name: 'Verify', exact: true }).waitFor();
}

/** @param {import('../test/support/screens.ts').WindowScreen} screen @param {string} theme */
async function picture(screen, theme) {
  await openScreen(page, screen);
  await page.locator(`html[data-theme="${theme}"]`).waitFor();
  await page.mouse.move(SIZE.width / 2, 2);
  // Where this machine keeps things says nothing to a reader.
  await page.evaluate(`{
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      node.data = node.data
        .replace(/^\\/.*(?=\\/resources\\/sample)/, '/home/ada/straylight')
        .replace(${JSON.stringify(workspace)}, '/home/ada/Straylight');
  }`);
  await page.evaluate('document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))'); // prettier-ignore
  const file = path.join(values.out, `${screen.name}-${theme}.png`);
  const { size } = await sharp(await page.screenshot())
    .png(PNG)
    .toFile(file);
  console.log(`${path.relative(ROOT, file)}: ${Math.round(size / 1000)} kB`);
}
