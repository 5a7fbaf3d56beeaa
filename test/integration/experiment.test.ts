/** An experiment of two seeds: it stops in the middle, goes on in another process's place, and adds up. */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../../src/core/store/workspace.ts';
import type { ExperimentResult } from '../../src/core/protocol/experiment-result.ts';
import { configOfExperiment, experimentSteps, runExperiment, type ExperimentHost } from '../../src/core/workflow/run-experiment.ts'; // prettier-ignore
import { ScoreSources } from '../../src/core/workflow/score-sources.ts';
import { createTrainingRun, resumeRun } from '../../src/core/workflow/train-model.ts';
import { ImageData } from '../../src/engine/image-data.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { resultOf, runCli } from '../support/run-cli.ts';
import { wasmRuntime } from '../support/runtimes.ts';

/** A machine that is busy with other tests takes ten times as long as an idle one. */
const PATIENCE_MS = 600_000;

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const base = ['--workspace', at('workspace'), '--device', 'wasm', '--json'];

beforeAll(async () => {
  await writeClassFolders(at('id'), { dark: 20, middle: 110, light: 200 }, 40);
  await writeFlatFolder(at('DTD'), 30, 60);
  await writeFlatFolder(at('far'), 30, 160);
});

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly models: { readonly seed: number; readonly arm: string; readonly modelId: string }[];
  readonly result: ExperimentResult;
}

/** Trains as the command line does; after `most` trainings the process is gone. */
async function carryOut(workspace: Workspace, id: string, most: number): Promise<string[]> {
  const runtime = await wasmRuntime();
  const trained: string[] = [];
  const images = new ImageData(() => workspace);
  const host: ExperimentHost = {
    runtime: () => Promise.resolve(runtime),
    create: (request) => createTrainingRun(workspace, request),
    train: async (runId) => {
      if (trained.length === most) throw new Error('The power went out.');
      trained.push(runId);
      await resumeRun(workspace, runtime, runId, { appVersion: '0.0.0' });
    },
  };
  await runExperiment(workspace, new ScoreSources(() => workspace, images), id, host, { appVersion: '0.0.0' }); // prettier-ignore
  return trained;
}

describe('straylight experiment', () => {
  it(
    'stops, goes on with what is missing, and gives mean and spread of what its models give',
    async () => {
      const start = [
        ...['experiment', at('id'), '--ood', at('DTD'), at('far'), '--seeds', '3,4'],
        ...['--preset', 'quick', '--size', '12', '--pretrain-epochs', '1', '--epochs', '1'],
        ...['--batch-norm', '--protocol', 'six-sets', '--name', 'twice'],
      ];
      const { result, models, state, id } = resultOf<Shown>(await runCli([...base, ...start]));
      expect(state).toBe('succeeded');
      expect(models.map(({ seed, arm }) => `${seed} ${arm}`)).toEqual([
        ...['3 before', '3 control', '3 batch-norm', '3 tuned'],
        ...['4 before', '4 control', '4 batch-norm', '4 tuned'],
      ]);
      expect(new Set(models.map(({ modelId }) => modelId)).size).toBe(8);

      // One of the paper's six sets by its name: never called the six-set average.
      expect(result.present).toEqual(['Textures']);
      expect(result.verdictSets).toEqual(['DTD']);
      const tuned = result.arms.find(({ arm }) => arm === 'tuned')!;
      const control = result.arms.find(({ arm }) => arm === 'control')!;
      expect(tuned.averages.map(({ label }) => label)).toEqual([
        'mean over 1 of 6 sets of the paper',
        'mean over 2 OOD sets',
      ]);
      const values = tuned.models.map(({ result: { sets } }) => sets[1]!.fpr95.value);
      const { mean, std } = tuned.sets[1]!.fpr95;
      expect(tuned.sets[1]!.fpr95.values).toEqual(values);
      expect(mean).toBeCloseTo((values[0]! + values[1]!) / 2, 12);
      expect(std).toBeCloseTo(Math.abs(values[0]! - values[1]!) / Math.SQRT2, 12);
      const difference = result.differences.find(({ against }) => against === 'control')!;
      expect(difference.perSeed.map(({ fpr95 }) => fpr95)).toEqual(
        tuned.models.map(
          (model, i) => model.result.sets[0]!.fpr95.value - control.models[i]!.result.sets[0]!.fpr95.value, // prettier-ignore
        ),
      );
      expect(result.verdict!.rule).toMatch(/Student’s t/u);
      expect(result.leakage.every(({ images }) => images === 0)).toBe(true);

      // The models side by side give the verdict of the experiment: the same images, both seeds.
      const compared = resultOf<{
        verdict: ExperimentResult['verdict'];
        models: { role: string }[];
      }>(
        await runCli([
          ...[...base, 'compare', ...models.map(({ modelId }) => modelId)],
          ...['--ood', at('DTD')],
        ]),
      );
      expect(compared.verdict).toEqual(result.verdict);
      expect(compared.models.map(({ role }) => role)).toEqual([
        ...['before', 'control', 'batch-norm', 'sparse'],
        ...['before', 'control', 'batch-norm', 'sparse'],
      ]);

      // The same again, interrupted: what was made stays, and the numbers are the same.
      const workspace = openWorkspace(at('workspace'));
      const { config } = workspace.getExperiment(id);
      const second = workspace.createExperiment({ name: 'again', config });
      await expect(carryOut(workspace, second.id, 4)).rejects.toThrow('The power went out.');
      const half = workspace.getExperiment(second.id);
      expect([half.state, half.error!.message]).toEqual(['failed', 'The power went out.']);
      const made = experimentSteps(workspace, half).map(({ modelId }) => modelId);
      expect(made.filter((modelId) => modelId !== null)).toHaveLength(5);
      // As a killed process leaves it.
      workspace.updateExperiment(second.id, { state: 'running' });
      workspace.close();

      const later = openWorkspace(at('workspace'));
      expect(later.getExperiment(second.id).state).toBe('interrupted');
      const trained = await carryOut(later, second.id, 100);
      // Six trainings are needed, and four were done.
      expect(trained).toHaveLength(2);
      const done = later.getExperiment(second.id);
      expect(experimentSteps(later, done).map(({ modelId }) => modelId).slice(0, 5)).toEqual(made.slice(0, 5)); // prettier-ignore
      const repeated = done.result as ExperimentResult;
      expect(repeated.arms.map(({ sets }) => sets)).toEqual(result.arms.map(({ sets }) => sets));
      expect(configOfExperiment(done).seeds).toEqual([3, 4]);
      later.close();

      const shown = resultOf<Shown>(await runCli([...base, 'experiment', 'show', 'again']));
      expect(shown.result.verdict).toEqual(repeated.verdict);
      const list = resultOf<{ experiments: { name: string; state: string }[] }>(
        await runCli([...base, 'experiment', 'list']),
      );
      expect(list.experiments).toMatchObject([
        { name: 'twice', state: 'succeeded' },
        { name: 'again', state: 'succeeded' },
      ]);
      const finished = await runCli([...base, 'experiment', 'resume', 'again']);
      expect([finished.code, finished.stdout]).toEqual([2, expect.stringMatching(/is done/u)]);
    },
    PATIENCE_MS,
  );

  it(
    'refuses seeds that are none, or the same twice, and an unknown protocol',
    async () => {
      const start = ['experiment', at('id'), '--ood', at('far'), '--preset', 'quick'];
      for (const [more, message] of [
        [['--seeds', '1,1'], /given twice/u],
        [['--seeds', '1,x'], /whole numbers/u],
        [['--protocol', 'seven'], /as-given, six-sets, near-far/u],
        [['--objective', 'outlier-exposure', '--outliers', at('far')], /cannot be evaluated on/u],
      ] as const) {
        const { code, stdout } = await runCli([...base, ...start, ...more]);
        expect([code, stdout]).toEqual([2, expect.stringMatching(message)]);
      }
    },
    PATIENCE_MS,
  );
});
