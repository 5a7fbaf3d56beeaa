/**
 * `npm run bench:precision -- <folder>`: full training runs in fp32 and in bf16, the same seeds, compared by what users
 * look at. `<folder>` holds `cifar10/` (train, test, class folders) and `ood/<set>/`.
 *
 *   --network wrn-10-1 --preset quick --seeds 1,2,3 --threads n --json file
 *
 * bf16 may be offered when accuracy is within 0.3 points of fp32 and FPR95 within the spread of fp32 over its seeds.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { say } from '../../scripts/setup/log.mjs';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { accuracy } from '../../src/core/metrics/accuracy.ts';
import { fprAtTpr } from '../../src/core/metrics/fpr.ts';
import { architectureOf } from '../../src/core/model/architecture.ts';
import { loadModel } from '../../src/core/model/model-file.ts';
import { openWorkspace } from '../../src/core/store/workspace.ts';
import { loadRuntime } from '../../src/core/tf/runtime.ts';
import { presetNamed } from '../../src/core/train/config.ts';
import { scoreModel, type ScoredSet } from '../../src/core/workflow/score-model.ts';
import { trainModel } from '../../src/core/workflow/train-model.ts';
import { compare, studyTable, type Outcome } from './compare.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    network: { type: 'string', default: 'wrn-10-1' },
    preset: { type: 'string', default: 'quick' },
    seeds: { type: 'string', default: '1,2,3' },
    threads: { type: 'string' },
    json: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined || !fs.existsSync(path.join(folder, 'cifar10', 'train'))) {
  say('Usage: npm run bench:precision -- <folder with cifar10/train, cifar10/test and ood/*>');
  process.exit(2);
}
const oodRoot = path.join(folder, 'ood');
const seeds = options.seeds.split(',').map(Number);
const SIZE = 32;

const { runtime } = await loadRuntime(
  options.threads === undefined ? {} : { threads: Number(options.threads) },
);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'straylight-precision-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
const workspace = openWorkspace(scratch);

const id = await scanFolder(path.resolve(folder, 'cifar10'), { role: 'id', splitSeed: 1 });
const datasetId = workspace.registerDataset(id).id;
const ood = [];
for (const name of fs.readdirSync(oodRoot).sort())
  ood.push(await scanFolder(path.resolve(oodRoot, name), { role: 'ood', name }));

const { pretrain, dropout } = presetNamed(options.preset);
const architecture = architectureOf(options.network, {
  classes: id.classes.length,
  inputSize: SIZE,
  dropout,
});
const decode = { size: SIZE, resize: 'stretch' } as const;

/** Energy with the sign of a score: larger = more in-distribution. */
const scoreOf = ({ energies }: ScoredSet): Float64Array => energies.map((e) => -e);

const outcomes: Outcome[] = [];
for (const seed of seeds)
  for (const precision of ['fp32', 'bf16'] as const) {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const name = `${options.network}, ${precision}, seed ${seed}`;
    const request = {
      kind: 'pretrain',
      datasetId,
      parentId: null,
      name,
      preset: options.preset,
      architecture,
      decode,
      config: { ...pretrain, seed, precision },
    } as const;
    const info = await trainModel(workspace, runtime, request, { appVersion: 'study' });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const model = await loadModel(workspace.modelFolder(info.id));
    const targets = [
      { manifest: id, split: 'test' as const },
      ...ood.map((manifest) => ({ manifest, split: null })),
    ];
    const [test, ...sets] = await scoreModel(runtime, model, targets, {
      cacheDir: workspace.cacheFolder(),
    });
    const labels = test!.records.map(({ classIndex }) => classIndex!);
    const outcome: Outcome = {
      seed,
      precision,
      accuracy: accuracy(test!.predicted, labels),
      fpr95: Object.fromEntries(
        sets.map((set) => [set.manifest.name, fprAtTpr(scoreOf(test!), scoreOf(set))]),
      ),
      seconds,
      cpuSeconds: (user + system) / 1e6,
    };
    outcomes.push(outcome);
    say(
      `${name}: accuracy ${(100 * outcome.accuracy).toFixed(2)}, ${seconds.toFixed(0)} s (${outcome.cpuSeconds.toFixed(0)} s of CPU)`,
    );
  }

console.log(
  `${options.network}, preset ${options.preset}, ${pretrain.epochs} epochs, ${runtime.threads} threads\n`,
);
console.log(studyTable(outcomes));
console.log(`\n${compare(outcomes)}`);
if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(outcomes)}\n`);
workspace.close();
