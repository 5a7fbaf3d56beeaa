/** `straylight robustness`, in a process of its own. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import { temporaryFolder, writeClassFolders } from '../support/image-folders.ts';
import { addRandomModel } from '../support/random-model.ts';
import { resultOf, runCli } from '../support/run-cli.ts';

interface Result {
  readonly models: readonly {
    readonly images: number;
    readonly cells: readonly { readonly corruption: string; readonly severity: number }[];
  }[];
}

it('tells accuracy, what is kept and energy by corruption, and refuses what makes no sense', async () => {
  const root = temporaryFolder();
  await writeClassFolders(path.join(root, 'fruit'), { apple: 40, pear: 170 }, 30);
  const folder = path.join(root, 'workspace');
  const models: string[] = [];
  {
    using opened = openWorkspace(folder);
    const manifest = await scanFolder(path.join(root, 'fruit'), { role: 'id', splitSeed: 1 });
    const datasetId = opened.registerDataset(manifest).id;
    for (const seed of [1, 2])
      models.push(await addRandomModel(opened, { classes: ['apple', 'pear'], seed, datasetId }));
  }
  const workspace = ['--workspace', folder];
  const asked = ['robustness', ...models, '--images', '5', '--severities', '1,5'];
  const { models: results } = resultOf<Result>(await runCli(['--json', ...workspace, ...asked]));
  expect(results.map(({ images, cells }) => [images, cells.length])).toEqual([[5, 10], [5, 10]]); // prettier-ignore
  const told = await runCli([...workspace, ...asked]);
  expect(told.stdout).toMatch(/Hendrycks & Dietterich, ICLR 2019/);
  expect(told.stdout).toMatch(/random 2 on 5 test images; kept: E <= -?\d+\.\d\d, which keeps 95%/);
  expect(told.stdout).toMatch(/gaussian-noise +5 +\d+\.\d% +\d+\.\d% +-?\d+\.\d\d +[01]\.\d{3}/);

  const refused = await runCli([...workspace, 'robustness', models[0]!, '--severities', '0,6']);
  expect(refused.code).toBe(EXIT_CODES.usage);
  expect(refused.stderr).toMatch(/--severities must be numbers from 1 to 5, e\.g\. 1,3,5, not "0,6"/); // prettier-ignore
});
