/** What the command line says of copies and leakage, and what it writes of decisions that people made. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { resultOf, runCli } from '../support/run-cli.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const workspace = ['--workspace', at('workspace')];

interface Scanned {
  readonly id: string;
  readonly analysis: { readonly leaks: readonly { between: string; exact: number }[] };
}

describe('straylight scan and curate', () => {
  it('tell of leakage before anything is trained, list decisions and export what they leave', async () => {
    await writeClassFolders(at('fruit'), { apple: 40, pear: 170 }, 10);
    await writeFlatFolder(at('odd'), 4, 90);
    copyFileSync(at('fruit', 'apple', '3.png'), at('odd', 'copy.png'));
    await runCli([...workspace, 'scan', at('fruit')]);
    const odd = await runCli([...workspace, 'scan', at('odd'), '--role', 'ood']);
    expect(odd.stdout).toMatch(/Leakage/);
    expect(odd.stdout).toMatch(/fruit \((train|val|test)\) \/ odd +1 +0/);
    const fruit = resultOf<Scanned>(await runCli(['--json', ...workspace, 'scan', at('fruit')]));
    expect(fruit.analysis.leaks).toMatchObject([{ exact: 1 }]);

    const none = await runCli([...workspace, 'curate', 'log']);
    expect(none.stdout).toMatch(/Nothing was decided yet/);
    {
      using opened = openWorkspace(at('workspace'));
      const image = opened.loadRegistered(fruit.id).images[0]!;
      opened.curation.apply({
        action: { type: 'exclude' },
        targets: [
          {
            datasetId: fruit.id,
            paths: [image.path],
            sha256s: [image.sha256],
            ordinals: Uint32Array.of(0),
          },
        ],
        author: 'ann',
        reason: 'not a fruit',
      });
    }
    const log = await runCli([...workspace, 'curate', 'log']);
    expect(log.stdout).toMatch(/ann +1 +excluded \(not a fruit\)/);
    mkdirSync(at('out'));
    const args = [...workspace, 'curate', 'export', 'fruit', at('out')];
    const exported = resultOf<{ path: string; images: number }>(await runCli(['--json', ...args]));
    expect(exported.images).toBe(19);
    expect(readFileSync(path.join(exported.path, 'images.csv'), 'utf8')).not.toContain(
      'apple/0.png',
    );
    const wrong = await runCli([...args, '--mode', 'zip']);
    expect(wrong.stderr).toMatch(/Unknown mode "zip"/);
    const nowhere = await runCli([...workspace, 'curate', 'export', 'fruit', at('nowhere')]);
    expect(nowhere.stderr).toMatch(/There is no folder/);
    expect(readdirSync(at('out'))).toHaveLength(1);
  });
});
