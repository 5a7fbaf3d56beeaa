/** What people drop by mistake, on the real window: each is told apart, and nothing that cannot be scanned offers it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drop, noDesktop, openDesktop, testFolders, withDesktop, type Desktop } from '../support/desktop.ts'; // prettier-ignore
import { writeFlatFolder } from '../support/image-folders.ts';
import { dataset } from '../support/way.ts';

describe.skipIf(noDesktop !== null)(withDesktop('dropped on the window'), () => {
  const folders = testFolders();
  const images = join(folders.root, 'images');
  let desktop: Desktop;

  beforeAll(async () => {
    await writeFlatFolder(join(images, 'inner'), 4, 100);
    mkdirSync(join(folders.root, 'letters'));
    writeFileSync(join(folders.root, 'letters', 'a.txt'), 'Dear reader');
    desktop = await openDesktop(folders.config, folders.workspace);
    await desktop.page.getByRole('button', { name: 'Use my own folders' }).waitFor();
  });
  afterAll(async () => {
    await desktop.close();
    folders.remove();
  });

  it.each([['a file', 'letters/a.txt'], ['a folder of texts', 'letters']])(
    '%s says why it is no dataset, and can only be left out',
    async (_, path) => {
      const { page } = desktop;
      await drop(page, [join(folders.root, path)]);
      await page.getByRole('main').getByRole('alert').first().waitFor();
      expect(await page.getByRole('button', { name: 'Scan', exact: true }).count()).toBe(0);
      await page.getByRole('button', { name: 'Leave it out' }).click();
      await page.getByRole('main').getByRole('alert').first().waitFor({ state: 'detached' });
    },
  ); // prettier-ignore

  it('a folder that is registered, and one around it, say so', async () => {
    const { page } = desktop;
    await drop(page, [join(images, 'inner')]);
    await page.getByRole('button', { name: 'Scan', exact: true }).click();
    await dataset(page, 'inner').waitFor();
    await drop(page, [join(images, 'inner')]);
    await page.getByText('Registered already').waitFor();
    await page.getByRole('button', { name: 'Leave it out' }).click();
    await drop(page, [images]);
    await page.getByText('Holds “inner”').waitFor();
  });
});
