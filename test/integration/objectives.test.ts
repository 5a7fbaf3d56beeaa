/** Auxiliary outliers from the command line: what they train, what they bar, and what is refused. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import { loadModel, readBarredImages } from '../../src/core/model/model-file.ts';
import { sha256Hex } from '../../src/core/sha256.ts';
import { exportModel } from '../../src/core/workflow/export-model.ts';
import { importModelFolder } from '../../src/core/workflow/import-model.ts';
import { barOf } from '../../src/core/workflow/barred-sets.ts';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { resultOf, runCli } from '../support/run-cli.ts';

interface Tuned {
  readonly model: { readonly id: string; readonly name: string };
  readonly control: { readonly id: string; readonly name: string } | null;
}

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const base = ['--workspace', at('workspace'), '--device', 'wasm', '--json'];
const quick = ['--preset', 'quick', '--epochs', '1', '--batch-size', '16', '--seed', '3'];
const OUTLIERS = 24;

describe('outliers from the command line', () => {
  let pretrained: string;
  let tuned: Tuned;

  beforeAll(async () => {
    await writeClassFolders(at('id'), { dark: 20, light: 190 }, 30);
    await writeFlatFolder(at('outliers'), OUTLIERS, 100, 5);
    await writeFlatFolder(at('fresh'), 20, 130, 6);
    // Two of the outliers are images of the ID set, byte by byte.
    for (const i of [0, 1])
      copyFileSync(at('id', 'dark', `${i}.png`), at('outliers', `id-${i}.png`));
    // The same images under other names, and a set that has three of them among its own.
    mkdirSync(at('renamed'));
    for (let i = 0; i < OUTLIERS; i++)
      copyFileSync(at('outliers', `${i}.png`), at('renamed', `r${i}.png`));
    await writeFlatFolder(at('partly'), 20, 150, 7);
    for (const i of [3, 4, 5]) copyFileSync(at('outliers', `${i}.png`), at('partly', `o${i}.png`));
    ({
      model: { id: pretrained },
    } = resultOf<{ model: { id: string } }>(
      await runCli([...base, 'train', at('id'), ...quick, '--size', '12', '--network', 'cnn']),
    ));
    tuned = resultOf<Tuned>(
      await runCli([
        ...[...base, 'finetune', pretrained, ...quick, '--objective', 'energy-margin'],
        ...[
          '--outliers',
          at('outliers'),
          '--outlier-ratio',
          '0.5',
          '--m-in',
          '-4',
          '--m-out',
          '-1',
        ],
      ]),
    );
  });

  const tunedModel = async () => {
    using workspace = openWorkspace(at('workspace'));
    const row = workspace.getModel(tuned.model.id);
    return { ...(await loadModel(row.folder)), folder: row.folder };
  };

  it('train the model and its control, which has the same outliers with weight 0', async () => {
    using workspace = openWorkspace(at('workspace'));
    const configs = await Promise.all(
      [tuned.model.id, tuned.control!.id].map(
        async (id) => (await loadModel(workspace.getModel(id).folder)).info.config,
      ),
    );
    const [model, control] = configs;
    expect(model).toMatchObject({
      objective: 'energy-margin',
      settings: { marginIn: -4, marginOut: -1 },
      outliers: { ratio: 0.5 },
      lambda: 0,
    });
    expect(control).toEqual({ ...model, settings: { ...model!.settings, outlierWeight: 0 } });
    expect(workspace.getModel(tuned.control!.id).role).toBe('control');
    expect(workspace.getModel(tuned.model.id).role).toBe('other');
  });

  it('are remembered with the hashes of their images, without those that the ID set has', async () => {
    const { info, folder } = await tunedModel();
    using workspace = openWorkspace(at('workspace'));
    const set = workspace.listDatasets().find(({ name }) => name === 'outliers')!;
    const hashes = await readBarredImages(info, folder);
    const own = workspace
      .loadManifest(set.id)
      .images.filter((image) => !image.path.startsWith('id-'))
      .map(({ sha256 }) => sha256)
      .sort();
    expect(hashes).toEqual(own);
    expect(info.lineage.barred).toEqual([
      {
        datasetId: set.id,
        name: 'outliers',
        fingerprint: set.fingerprint,
        images: OUTLIERS,
        imagesSha256: sha256Hex(own.join('\n')),
        modelId: info.id,
      },
    ]);
  });

  it.each([
    { set: 'outliers', says: /outliers is barred for .*was trained on it as auxiliary outliers/u },
    { set: 'renamed', says: /24 of 24 images are among the outliers/u },
    { set: 'partly', says: /3 of 23 images are among the outliers.*Exclude them in Curate/u },
  ])('may not evaluate it: score and audit refuse $set', async ({ set, says }) => {
    for (const command of [
      ['score', tuned.model.id, at(set)],
      ['audit', tuned.model.id, '--ood', at('fresh'), at(set), '--out', at('report')],
    ]) {
      const { code, stdout, stderr } = await runCli([...base, ...command]);
      expect(code).toBe(EXIT_CODES.usage);
      expect(stdout + stderr).toMatch(says);
    }
    const { code, stdout, stderr } = await runCli([
      ...[...base, 'compare', pretrained, tuned.model.id, '--ood', at(set)],
    ]);
    expect(code).toBe(EXIT_CODES.usage);
    expect(stdout + stderr).toMatch(says);
  });

  it('do not bar other sets, nor other models', () => {
    using workspace = openWorkspace(at('workspace'));
    const id = (name: string): string =>
      workspace.listDatasets().find((set) => set.name === name)!.id;
    const model = workspace.getModel(tuned.model.id);
    expect(barOf(workspace, model, id('fresh'))).toBeNull();
    expect(barOf(workspace, workspace.getModel(pretrained), id('outliers'))).toBeNull();
  });

  it('excluding the shared images lifts the bar of a set that has some of them', () => {
    using workspace = openWorkspace(at('workspace'));
    const model = workspace.getModel(tuned.model.id);
    const { id } = workspace.listDatasets().find(({ name }) => name === 'partly')!;
    const { images } = workspace.loadManifest(id);
    expect(barOf(workspace, model, id)).toMatchObject({ reason: 'shares-images', shared: 3 });
    const ordinals = images.flatMap(({ path: file }, i) => (file.startsWith('o') ? [i] : []));
    workspace.curation.apply({
      action: { type: 'exclude' },
      targets: [
        {
          datasetId: id,
          paths: ordinals.map((i) => images[i]!.path),
          sha256s: ordinals.map((i) => images[i]!.sha256),
          ordinals: Uint32Array.from(ordinals),
        },
      ],
      author: 'A. Person',
      reason: 'outliers of the model',
    });
    expect(barOf(workspace, model, id)).toBeNull();
  });

  it('are inherited by what is made from the model', async () => {
    const child = resultOf<Tuned>(
      await runCli([...base, 'finetune', tuned.model.id, ...quick, '--lambda', '0.02', '--no-control']), // prettier-ignore
    );
    const parent = await tunedModel();
    using workspace = openWorkspace(at('workspace'));
    const row = workspace.getModel(child.model.id);
    const { info } = await loadModel(row.folder);
    expect(info.lineage.barred).toEqual(parent.info.lineage.barred);
    expect(await readBarredImages(info, row.folder)).toHaveLength(OUTLIERS);
    const set = workspace.listDatasets().find(({ name }) => name === 'outliers')!;
    expect(barOf(workspace, row, set.id)?.reason).toBe('trained-on');
  });

  it('are inherited by its batch-norm control, and by what is exported and imported again', async () => {
    const statistics = resultOf<{ model: { id: string } }>(
      await runCli([...base, 'reestimate', tuned.model.id]),
    );
    const parent = await tunedModel();
    using workspace = openWorkspace(at('workspace'));
    const row = workspace.getModel(statistics.model.id);
    const { info } = await loadModel(row.folder);
    expect(info.lineage.barred).toEqual(parent.info.lineage.barred);
    expect(await readBarredImages(info, row.folder)).toHaveLength(OUTLIERS);
    const set = workspace.listDatasets().find(({ name }) => name === 'outliers')!;
    expect(barOf(workspace, row, set.id)?.reason).toBe('trained-on');
    const folder = await exportModel(workspace, tuned.model.id, root, 'safetensors');
    const imported = await importModelFolder(workspace, folder, parent.info.lineage.datasetId);
    const again = workspace.getModel(imported.id);
    expect(barOf(workspace, again, set.id)?.reason).toBe('trained-on');
  });

  it('too few, of an ID set, missing, or for an objective that needs none are refused', async () => {
    await writeFlatFolder(at('few'), 15, 90, 8);
    for (const [given, says] of [
      [['--objective', 'energy-margin'], /needs auxiliary outliers: --outliers <dataset>/u],
      [['--objective', 'outlier-exposure', '--outliers', at('few')], /15 images .*at least 16/u],
      [['--objective', 'outlier-exposure', '--outliers', 'id'], /id is an in-distribution set/u],
      [['--objective', 'logit-norm', '--outliers', at('fresh')], /uses no outliers/u],
      [['--objective', 'logit-norm', '--m-in', '-3'], /--m-in is not for .*logit-norm/u],
      [['--objective', 'oecc', '--lambda', '1', '--outliers', at('fresh')], /--lambda is not for/u],
      [['--objective', 'odin'], /Unknown objective .*odin.*energy-margin/u],
    ] as const) {
      const { code, stdout, stderr } = await runCli([...base, 'finetune', pretrained, ...quick, ...given]); // prettier-ignore
      expect(code, given.join(' ')).not.toBe(0);
      expect(stdout + stderr).toMatch(says);
    }
  });

  it('LogitNorm, label smoothing and mixup pretrain; OECC takes the accuracy of its start', async () => {
    const normed = resultOf<{ model: { id: string; config: object } }>(
      await runCli([
        ...[...base, 'train', at('id'), ...quick, '--size', '12', '--network', 'cnn'],
        ...['--objective', 'logit-norm', '--label-smoothing', '0.1', '--mixup', '0.2'],
      ]),
    );
    expect(normed.model.config).toMatchObject({
      objective: 'logit-norm',
      labelSmoothing: 0.1,
      mixup: 0.2,
    });
    const oecc = resultOf<{
      model: { id: string; config: { settings: Record<string, number> } };
    }>(
      await runCli([
        ...[...base, 'finetune', pretrained, ...quick, '--objective', 'oecc', '--no-control'],
        ...['--outliers', at('outliers')],
      ]),
    );
    using workspace = openWorkspace(at('workspace'));
    const { info } = await loadModel(workspace.getModel(pretrained).folder);
    expect(oecc.model.config.settings['trainingAccuracy']).toBe(info.history.at(-1)!.trainAccuracy);
  });
});
