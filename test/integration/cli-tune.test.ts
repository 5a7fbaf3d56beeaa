/** `straylight tune`, in a process of its own. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { addRandomModel } from '../support/random-model.ts';
import { resultOf, runCli } from '../support/run-cli.ts';

interface Result {
  readonly detectors: readonly {
    readonly detector: string;
    readonly basis: string;
    readonly hyperparameters: Readonly<Record<string, number>>;
    readonly tried: readonly { readonly hyperparameters: object; readonly value: number | null }[];
    readonly tests: readonly {
      readonly name: string;
      readonly defaults: { readonly fpr95: number };
      readonly tuned: { readonly fpr95: number };
    }[];
  }[];
}

it('tunes ODIN on ID validation images, others on a named OOD set only, and keeps that set out of the tests', async () => {
  const root = temporaryFolder();
  await writeClassFolders(path.join(root, 'fruit'), { apple: 40, pear: 170 }, 60);
  for (const [name, level] of [
    ['odd', 100],
    ['other', 200],
  ] as const)
    // prettier-ignore
    await writeFlatFolder(path.join(root, name), 10, level);
  const folder = path.join(root, 'workspace');
  let model: string;
  {
    using opened = openWorkspace(folder);
    const manifest = await scanFolder(path.join(root, 'fruit'), { role: 'id', splitSeed: 1 });
    const datasetId = opened.registerDataset(manifest).id;
    model = await addRandomModel(opened, { classes: ['apple', 'pear'], datasetId });
  }
  const workspace = ['--workspace', folder];
  const [odd, other] = [path.join(root, 'odd'), path.join(root, 'other')];

  const onId = await runCli(['--json', ...workspace, 'tune', model, '--id', 'fruit', '--detector', 'odin,knn', '--ood', other]); // prettier-ignore
  const [odin, knn] = resultOf<Result>(onId).detectors;
  expect(odin!.basis).toBe('ID validation');
  expect(odin!.tried.length).toBe(8);
  const best = odin!.tried.reduce((a, b) => (b.value! > a.value! ? b : a));
  expect(odin!.hyperparameters).toEqual(best.hyperparameters);
  expect(knn!.basis).toBe('defaults');
  expect(knn!.tests[0]!.tuned).toEqual(knn!.tests[0]!.defaults);

  const asked = ['tune', model, '--id', 'fruit', '--detector', 'knn', '--validation', odd];
  const onOod = await runCli(['--json', ...workspace, ...asked, '--ood', other]);
  const [tuned] = resultOf<Result>(onOod).detectors;
  expect(tuned!.basis).toBe('OOD validation');
  // 84 training images: the 100th and the 200th neighbour are not tried.
  expect(tuned!.tried.map(({ hyperparameters }) => hyperparameters)).toEqual([{ k: 50 }, { k: 1 }, { k: 10 }, { k: 20 }]); // prettier-ignore
  expect(tuned!.tests.map(({ name }) => name)).toEqual(['other']);

  const told = await runCli([...workspace, ...asked]);
  expect(told.stdout).toMatch(/KNN: neighbour k = \d+, of 4 choices, by the lowest FPR95 on 10 images of the OOD validation set odd .* It has seen OOD images/); // prettier-ignore

  const refused = await runCli([...workspace, ...asked, '--ood', odd]);
  expect(refused.code).toBe(EXIT_CODES.usage);
  expect(refused.stderr).toMatch(/odd cannot be both: a set that settings are tuned on is no test set/); // prettier-ignore
}, 180_000);
