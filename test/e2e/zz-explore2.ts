import { openDesktop } from '../support/desktop.ts';
import { mkdirSync } from 'node:fs';
mkdirSync('/tmp/way/shots2', { recursive: true });
const d = await openDesktop('/tmp/way/run/config', '/tmp/way/run/workspace');
const { page } = d;
let n = 0;
const shot = async (name: string) => { await page.screenshot({ path: `/tmp/way/shots2/${String(n++).padStart(2, '0')}-${name}.png` }); console.log('shot', name, page.url()); };
page.setDefaultTimeout(60000);
const go = async (name: string) => { await page.getByRole('navigation').getByRole('link', { name }).first().click(); await page.waitForTimeout(2500); };
try {
  await page.waitForTimeout(3000);
  await go('Train');
  await shot('train');
  const resume = page.getByRole('button', { name: 'Resume' });
  if (await resume.count()) await resume.first().click();
  await page.waitForFunction(() => document.querySelectorAll('nav').length > 0 && [...document.querySelectorAll('button')].some((b) => b.textContent?.includes('Score images')), undefined, { timeout: 200000 });
  await page.waitForTimeout(30000);
  await shot('train2');
  await go('Models'); await shot('models');
  await go('Compare'); await page.waitForTimeout(5000);
  const score = page.getByRole('button', { name: /Score what is missing/ });
  if (await score.count()) { await score.click(); await page.waitForTimeout(4000); await shot('compare-scoring'); }
  await page.getByRole('tab', { name: 'Per set' }).waitFor({ timeout: 240000 });
  await page.waitForTimeout(1000); await shot('compare-table');
  for (const tab of ['Distributions', 'ROC and PR', 'Image by image']) { await page.getByRole('tab', { name: tab }).click(); await page.waitForTimeout(2500); await shot('compare-' + tab.slice(0, 4)); }
  await go('Scores'); await page.waitForTimeout(3000); await shot('scores');
  for (const tab of ['Per set', 'Confusion', 'Map']) { await page.getByRole('tab', { name: tab }).click(); await page.waitForTimeout(3000); await shot('scores-' + tab.slice(0, 4)); }
  await page.getByRole('tab', { name: 'Images' }).click(); await page.waitForTimeout(1500);
  await page.getByRole('grid').first().click({ position: { x: 150, y: 60 } });
  await page.keyboard.press('d'); await page.waitForTimeout(2500); await shot('detail');
  await page.keyboard.press('x'); await page.waitForTimeout(1500); await shot('excluded');
  await page.keyboard.press('u'); await page.waitForTimeout(1500); await shot('undone');
  await page.keyboard.press(' '); await page.waitForTimeout(1500); await shot('large');
  await page.keyboard.press('Escape');
  await go('Curate'); await shot('curate');
  await go('Report'); await shot('report');
  await go('Settings'); await shot('settings');
} catch (e) { console.log('ERR', (e as Error).message.slice(0, 600)); await shot('error'); }
console.log(d.messages.slice(0, 30).join('\n'));
await d.close();
