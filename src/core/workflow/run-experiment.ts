/** Runs an experiment to its end. What is done already stays, so that it goes on where it stopped. */
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { armLabel, armsOf, configOf, type Arm, type ExperimentConfig } from '../protocol/experiment.ts'; // prettier-ignore
import type { ArmScores, ExperimentResult } from '../protocol/experiment-result.ts';
import { within, type ProgressListener } from '../progress.ts';
import type { ExperimentRow, ExperimentState } from '../store/experiments.ts';
import type { RunRow } from '../store/runs.ts';
import type { Workspace } from '../store/workspace.ts';
import type { Runtime } from '../tf/runtime.ts';
import { comparedRun, leakageOf } from './compare-models.ts';
import { runTask } from './compute/run-task.ts';
import { bootstrapOf } from './evaluate-scope.ts';
import { reestimated, reestimateModel } from './reestimate-model.ts';
import { scoreDatasets } from './score-datasets.ts';
import { loadScope } from './score-overview.ts';
import type { ScoreSources } from './score-sources.ts';
import { scopeColumns } from './scope-columns.ts';
import { setStatistics } from './set-statistics.ts';
import type { TrainingRequest } from './train-model.ts';

/** Who trains: the command line in its own process, the engine through its queue. */
export interface ExperimentHost {
  readonly runtime: () => Promise<Runtime>;
  /** Makes a run that waits. */
  readonly create: (request: TrainingRequest) => RunRow | Promise<RunRow>;
  /** Trains it to the end, from its newest checkpoint if there is one. Rejects when it does not succeed. */
  readonly train: (runId: string, phase: string, onProgress: ProgressListener | undefined) => Promise<void>; // prettier-ignore
}

export interface ExperimentHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
  readonly appVersion: string;
}

/** One model that the experiment needs. */
export interface ExperimentStep {
  readonly seed: number;
  readonly arm: Arm;
  /** Null until there is one, and where no run makes it. */
  readonly run: RunRow | null;
  /** Null until it is made. */
  readonly modelId: string | null;
}

/** Share of the progress that goes to training; the rest goes to scoring and to the numbers. */
const TRAINING = 0.85;

export const configOfExperiment = (row: ExperimentRow): ExperimentConfig =>
  row.config as ExperimentConfig;

/** Every model that an experiment needs, in the order they are made, with what there is of it. */
export function experimentSteps(
  workspace: Workspace,
  row: ExperimentRow,
): readonly ExperimentStep[] {
  const config = configOfExperiment(row);
  const runs = workspace.listRuns().filter((run) => requestOf(run)?.groupId === row.id);
  const find = (seed: number, arm: Arm): RunRow | null => {
    const wanted = JSON.stringify(configOf(config, seed, arm));
    const kind = arm === 'before' ? 'pretrain' : 'finetune';
    const found = runs.filter((run) => run.kind === kind && JSON.stringify(requestOf(run)!.config) === wanted); // prettier-ignore
    return found.find(({ state }) => state === 'succeeded') ?? found[0] ?? null;
  };
  return config.seeds.flatMap((seed) => {
    const start = config.parentId ?? find(seed, 'before')?.modelId ?? null;
    return armsOf(config).map((arm): ExperimentStep => {
      if (arm === 'before' && config.parentId !== null)
        return { seed, arm, run: null, modelId: config.parentId };
      if (arm === 'batch-norm')
        return { seed, arm, run: null, modelId: start === null ? null : reestimated(workspace, start) }; // prettier-ignore
      const run = find(seed, arm);
      return { seed, arm, run, modelId: run?.state === 'succeeded' ? run.modelId : null };
    });
  });
}

const requestOf = ({ kind, config }: RunRow): TrainingRequest | null =>
  kind === 'pretrain' || kind === 'finetune' ? (config as TrainingRequest) : null;

/**
 * Makes every model that is missing, scores what is not scored, and stores the result with the experiment.
 * @param id full id
 * @throws AppError what stopped it; the experiment says so too, and can be run again
 */
export async function runExperiment(
  workspace: Workspace,
  sources: ScoreSources,
  id: string,
  host: ExperimentHost,
  hooks: ExperimentHooks,
): Promise<ExperimentResult> {
  workspace.updateExperiment(id, { state: 'running', result: null, error: null });
  try {
    await makeModels(workspace, id, host, hooks);
    const row = workspace.getExperiment(id);
    await scoreModels(workspace, row, host, hooks);
    const result = await evaluate(workspace, sources, row, hooks.signal);
    workspace.updateExperiment(id, { state: 'succeeded', result });
    return result;
  } catch (error) {
    workspace.updateExperiment(id, {
      state: stateAfter(error, hooks.signal),
      error: { code: error instanceof AppError ? error.code : 'internal', message: messageOf(error) }, // prettier-ignore
    });
    throw error;
  }
}

function stateAfter(error: unknown, signal: AbortSignal | undefined): ExperimentState {
  // The engine closes: it goes on at the next start.
  if (signal?.aborted && signal.reason === 'closed') return 'pending';
  return error instanceof AppError && error.code === 'cancelled' ? 'cancelled' : 'failed';
}

async function makeModels(
  workspace: Workspace,
  id: string,
  host: ExperimentHost,
  hooks: ExperimentHooks,
): Promise<void> {
  // prettier-ignore
  const count = experimentSteps(workspace, workspace.getExperiment(id)).length;
  for (let i = 0; i < count; i++) {
    throwIfAborted(hooks.signal);
    const row = workspace.getExperiment(id);
    const config = configOfExperiment(row);
    const steps = experimentSteps(workspace, row);
    const { seed, arm, run, modelId } = steps[i]!;
    const onProgress = within(hooks.onProgress, (TRAINING * i) / count, (TRAINING * (i + 1)) / count); // prettier-ignore
    if (modelId !== null) continue;
    const parentId = arm === 'before' ? null : steps.find((step) => step.seed === seed && step.arm === 'before')!.modelId; // prettier-ignore
    if (arm === 'batch-norm') {
      await reestimateModel(workspace, await host.runtime(), parentId!, { ...hooks, onProgress });
      continue;
    }
    const label = armLabel(arm, config);
    const made =
      run ??
      (await host.create({
        kind: arm === 'before' ? 'pretrain' : 'finetune',
        datasetId: config.idDatasetId,
        parentId,
        name: `${row.name}, ${label}, seed ${seed}`,
        preset: config.preset,
        architecture: config.architecture,
        decode: config.decode,
        config: configOf(config, seed, arm)!,
        groupId: id,
      }));
    await host.train(made.id, `Seed ${seed}, ${label}`, onProgress);
  }
}

async function scoreModels(
  workspace: Workspace,
  row: ExperimentRow,
  host: ExperimentHost,
  hooks: ExperimentHooks,
): Promise<void> {
  const { idDatasetId, oodDatasetIds } = configOfExperiment(row);
  const scored = new Set(workspace.listScores().map((one) => `${one.modelId} ${one.datasetId}`));
  const modelIds = [...new Set(modelsOf(workspace, row).map(({ modelId }) => modelId))];
  const open = modelIds.flatMap((modelId) => {
    const sets = [idDatasetId, ...oodDatasetIds].filter((set) => !scored.has(`${modelId} ${set}`));
    return sets.length === 0 ? [] : [{ modelId, sets }];
  });
  const share = (1 - TRAINING) / Math.max(1, open.length);
  for (const [i, { modelId, sets }] of open.entries()) {
    const onProgress = within(hooks.onProgress, TRAINING + i * share, TRAINING + (i + 1) * share);
    await scoreDatasets(workspace, await host.runtime(), modelId, sets, { ...hooks, onProgress });
  }
}

function modelsOf(workspace: Workspace, row: ExperimentRow) {
  return experimentSteps(workspace, row).map(({ seed, arm, modelId }) => {
    if (modelId !== null) return { seed, arm, modelId };
    throw new AppError('internal', `Experiment ${row.id}: the model ${arm} of seed ${seed} is missing.`); // prettier-ignore
  });
}

async function evaluate(
  workspace: Workspace,
  sources: ScoreSources,
  row: ExperimentRow,
  signal: AbortSignal | undefined,
): Promise<ExperimentResult> {
  const config = configOfExperiment(row);
  const { idDatasetId, oodDatasetIds, detector, seeds } = config;
  const models = modelsOf(workspace, row);
  const scopeOf = (modelId: string) => ({ modelId, detector, idDatasetId, split: 'test' as const, oodDatasetIds }); // prettier-ignore
  const known = new Map<string, ArmScores>();
  const armScores = async (modelId: string): Promise<ArmScores> => {
    const { id, ood } = await loadScope(sources, scopeOf(modelId));
    const columns = scopeColumns(id, 'test', ood);
    const model = workspace.getModel(modelId);
    return {
      modelId,
      name: model.name,
      run: comparedRun(model),
      id: columns.id.scores,
      validation: columns.validation.scores,
      correct: columns.id.correct,
      ood: columns.ood.map(({ name, nearFar, scores }) => ({ name, nearFar, scores })),
      statistics: await setStatistics(sources, scopeOf(modelId), { signal }),
    };
  };
  for (const { modelId } of models)
    if (!known.has(modelId)) known.set(modelId, await armScores(modelId));
  const first = models[0]!.modelId;
  const loaded = await loadScope(sources, scopeOf(first));
  return runTask(
    'experiment',
    {
      protocol: config.protocol,
      detector,
      seeds,
      arms: armsOf(config).map((arm) => ({
        arm,
        label: armLabel(arm, config),
        models: models.filter((model) => model.arm === arm).map(({ modelId }) => known.get(modelId)!), // prettier-ignore
      })),
      oneStart: config.parentId !== null,
      leakage: leakageOf(loaded),
      bootstrap: bootstrapOf(scopeColumns(loaded.id, 'test', loaded.ood)),
    },
    { signal },
  );
}
