/** Leakage: counted, shown before anything is measured, and excluded on the tested side alone. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { resultOf, runCli } from '../support/run-cli.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const workspace = ['--workspace', at('workspace')];

beforeAll(async () => {
  await writeClassFolders(at('fruit', 'train'), { apple: 40, pear: 170 }, 12, 1);
  await writeClassFolders(at('fruit', 'test'), { apple: 40, pear: 170 }, 6, 3);
  await writeFlatFolder(at('odd'), 5, 90);
  // One training image among the test images, another one and a test image among the OOD images.
  copyFileSync(at('fruit', 'train', 'apple', '3.png'), at('fruit', 'test', 'apple', 'copy.png'));
  mkdirSync(at('odd'), { recursive: true });
  copyFileSync(at('fruit', 'train', 'pear', '5.png'), at('odd', 'pear.png'));
  copyFileSync(at('fruit', 'test', 'pear', '1.png'), at('odd', 'another.png'));
});

interface Leakage {
  readonly leakage: readonly { readonly between: string; readonly exact: number }[];
  readonly excluded: number;
  readonly left: readonly unknown[];
}

describe('straylight curate leakage', () => {
  it('counts, excludes the test and OOD side with the reason in the log, and leaves training alone', async () => {
    const leakage = ['curate', 'leakage', at('fruit'), '--ood', at('odd')];
    const shown = await runCli([...workspace, ...leakage]);
    expect(shown.stdout).toMatch(/fruit \(train\) and fruit \(test\) +1 +\d/u);
    expect(shown.stdout).toMatch(/fruit and odd +2 +\d/u);
    expect(shown.stdout).toMatch(/curate leakage fruit --ood odd --exclude exact/u);

    const looked = resultOf<Leakage>(await runCli(['--json', ...workspace, ...leakage]));
    expect(looked.excluded).toBe(0);
    const done = resultOf<Leakage>(
      await runCli(['--json', ...workspace, ...leakage, '--exclude', 'exact', '--author', 'ann']),
    );
    expect(done.excluded).toBe(3);
    const { left } = resultOf<Leakage>(await runCli(['--json', ...workspace, ...leakage]));
    expect(left.every((one) => (one as { exact: number }).exact === 0)).toBe(true);

    using opened = openWorkspace(at('workspace'));
    const excluded = (name: string) =>
      opened
        .loadManifest(name)
        .images.filter(({ status }) => status === 'excluded')
        .map((image) => image.path);
    expect(excluded('fruit')).toEqual(['test/apple/copy.png']);
    expect(excluded('odd').sort()).toEqual(['another.png', 'pear.png']);
    const entries = opened.curation.entries();
    expect(entries.map(({ author }) => author)).toEqual(['ann', 'ann']);
    expect(entries[0]!.reason).toBe(
      'leakage: same image as in another part (fruit (train) and fruit (test)): test/apple/copy.png = fruit/train/apple/3.png',
    );
    expect(entries[1]!.reason).toMatch(/pear\.png = fruit\/train\/pear\/5\.png/u);
  });

  it('takes exact or all, and nothing else', async () => {
    const wrong = await runCli([
      ...workspace,
      'curate',
      'leakage',
      at('fruit'),
      '--exclude',
      'some',
    ]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/exact or all/u)]);
  });
});
