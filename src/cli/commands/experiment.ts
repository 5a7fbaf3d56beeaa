/** `straylight experiment`: the same comparison repeated with several seeds. */
import { AppError } from '../../core/errors.ts';
import { architectureOf } from '../../core/model/architecture.ts';
import { loadModel } from '../../core/model/model-file.ts';
import { checkExperiment, type ExperimentConfig } from '../../core/protocol/experiment.ts';
import type { ExperimentResult } from '../../core/protocol/experiment-result.ts';
import { protocolNamed } from '../../core/protocol/protocols.ts';
import { detectorById } from '../../core/score/registry.ts';
import type { ExperimentRow } from '../../core/store/experiments.ts';
import { presetNamed, type TrainingConfig } from '../../core/train/config.ts';
import { configWarnings } from '../../core/train/validate-config.ts';
import { configOfExperiment, experimentSteps, runExperiment, type ExperimentHost } from '../../core/workflow/run-experiment.ts'; // prettier-ignore
import { createTrainingRun, resumeRun } from '../../core/workflow/train-model.ts';
import type { Host } from '../host.ts';
import { describeLeakage } from '../leakage.ts';
import { datasetId, isFolder, numberOption } from '../resolve.ts';
import { scoreSources } from '../score-sources.ts';
import { formatTable } from '../table.ts';
import { describeExperiment } from './describe-experiment.ts';
import { withObjective, type ObjectiveOptions } from './objective-options.ts';
import { resizeMode } from './training-options.ts';

export interface ExperimentOptions extends ObjectiveOptions {
  readonly ood: readonly string[];
  readonly seeds: string;
  readonly preset: string;
  readonly network?: string;
  readonly size: string;
  readonly resize: string;
  readonly pretrainEpochs?: string;
  readonly epochs?: string;
  readonly lambda?: string;
  readonly detector: string;
  readonly protocol: string;
  readonly control: boolean;
  readonly batchNorm?: boolean;
  readonly name?: string;
}

/** `straylight experiment <dataset | model> --ood ...` */
export async function experimentStart(
  host: Host,
  source: string,
  options: ExperimentOptions,
): Promise<void> {
  const workspace = host.workspace();
  const preset = presetNamed(options.preset);
  const { id: detector } = detectorById(options.detector);
  const protocol = protocolNamed(options.protocol);
  const seeds = seedsOf(options.seeds);
  const oodDatasetIds: string[] = [];
  for (const ood of options.ood) oodDatasetIds.push(await datasetId(host, ood, 'ood'));
  const base: TrainingConfig = {
    ...preset.finetune,
    epochs: numberOption('epochs', options.epochs) ?? preset.finetune.epochs,
    lambda: numberOption('lambda', options.lambda) ?? preset.finetune.lambda,
  };
  const finetune = await withObjective(host, base, options, 'sparsity');
  if (options.lambda !== undefined && finetune.lambda !== base.lambda)
    throw new AppError('usage', `--lambda is not for the objective ${finetune.objective}.`);
  for (const warning of configWarnings(finetune)) host.output.line(`Note: ${warning}`);
  const start = await startOf(host, source, options);
  const config = checkExperiment({
    ...start.config,
    oodDatasetIds,
    protocol,
    detector,
    seeds,
    preset: options.preset,
    finetune,
    withControl: options.control,
    withBatchNorm: options.batchNorm ?? false,
  });
  describeLeakage(host, config.idDatasetId, oodDatasetIds);
  const { id, name } = workspace.createExperiment({ name: options.name ?? start.name, config });
  host.output.line(`Experiment ${id}: ${name}, seeds ${seeds.join(', ')}.`);
  await carryOut(host, id);
}

async function startOf(
  host: Host,
  source: string,
  options: ExperimentOptions,
): Promise<{
  readonly name: string;
  readonly config: Pick<
    ExperimentConfig,
    'idDatasetId' | 'parentId' | 'architecture' | 'decode' | 'pretrain'
  >;
}> {
  const workspace = host.workspace();
  const isDataset =
    isFolder(source) ||
    workspace.listDatasets().some(({ id, name, root }) => [id, name, root].includes(source)) ||
    /^d-\d/u.test(source);
  if (!isDataset) {
    const row = workspace.getModel(source);
    const { info } = await loadModel(row.folder);
    return {
      name: `${row.name}, repeated`,
      config: {
        idDatasetId: info.lineage.datasetId,
        parentId: row.id,
        architecture: info.architecture,
        decode: info.decode,
        pretrain: null,
      },
    };
  }
  const preset = presetNamed(options.preset);
  const idDatasetId = await datasetId(host, source, 'id');
  const { classes, name } = workspace.loadManifest(idDatasetId);
  const size = numberOption('size', options.size)!;
  const network = options.network ?? preset.network;
  const epochs = numberOption('pretrain-epochs', options.pretrainEpochs) ?? preset.pretrain.epochs;
  return {
    name: `${name}, ${network}, ${options.preset}`,
    config: {
      idDatasetId,
      parentId: null,
      architecture: architectureOf(network, {
        classes: classes.length,
        inputSize: size,
        dropout: preset.dropout,
      }),
      decode: { size, resize: resizeMode(options.resize) },
      pretrain: { ...preset.pretrain, epochs },
    },
  };
}

function seedsOf(text: string): number[] {
  return text.split(',').map((part) => {
    const seed = Number(part.trim());
    if (part.trim() !== '' && Number.isSafeInteger(seed) && seed >= 0) return seed;
    throw new AppError(
      'usage',
      `--seeds must be whole numbers with commas between them, such as 1,2,3, not "${text}".`,
    );
  });
}

/** `straylight experiment resume <experiment>` */
export async function experimentResume(host: Host, wanted: string): Promise<void> {
  const { id, state, name } = host.workspace().getExperiment(wanted);
  if (state === 'succeeded')
    throw new AppError('usage', `${name} is done. See it: straylight experiment show ${id}`);
  await carryOut(host, id);
}

async function carryOut(host: Host, id: string): Promise<void> {
  const workspace = host.workspace();
  const { finetune } = configOfExperiment(workspace.getExperiment(id));
  const runtime = await host.runtime(finetune.batchSize);
  const training: ExperimentHost = {
    runtime: () => Promise.resolve(runtime),
    create: (request) => createTrainingRun(workspace, request),
    train: async (runId, phase, onProgress) => {
      await resumeRun(workspace, runtime, runId, { ...host.hooks, onProgress, phase });
    },
  };
  try {
    const sources = scoreSources(host);
    await runExperiment(workspace, sources, id, training, host.hooks);
  } catch (error) {
    host.output.line(`Go on with: straylight experiment resume ${id}`);
    throw error;
  }
  await experimentShow(host, id);
}

/** `straylight experiment show <experiment>` */
export function experimentShow(host: Host, wanted: string): Promise<void> {
  const workspace = host.workspace();
  const row = workspace.getExperiment(wanted);
  const result = row.result as ExperimentResult | null;
  const steps = experimentSteps(workspace, row);
  if (result) describeExperiment(host.output, row, result);
  else {
    host.output.line(
      `${row.name}: ${stateOf(row)}, ${steps.filter(({ modelId }) => modelId !== null).length} of ${steps.length} models.`,
    );
    if (row.error) host.output.line(row.error.message);
    host.output.line(
      formatTable(
        ['seed', 'model', 'state'],
        steps.map(({ seed, arm, run, modelId }) => [
          String(seed),
          arm,
          modelId ?? (run ? `${run.state} (${run.id})` : 'to do'),
        ]),
      ),
    );
    host.output.line(`Go on with: straylight experiment resume ${row.id}`);
  }
  host.output.result({
    id: row.id,
    name: row.name,
    state: row.state,
    config: row.config,
    models: steps.map(({ seed, arm, run, modelId }) => ({
      seed,
      arm,
      modelId,
      runId: run?.id ?? null,
    })),
    result,
    error: row.error,
  });
  return Promise.resolve();
}

/** `straylight experiment list` */
export function experimentList(host: Host): Promise<void> {
  const rows = host.workspace().listExperiments().filter(({ removedAt }) => removedAt === null); // prettier-ignore
  host.output.line(
    rows.length === 0
      ? 'No experiments yet.'
      : formatTable(
          ['id', 'name', 'seeds', 'state'],
          rows.map((row) => [row.id, row.name, configOfExperiment(row).seeds.join(','), stateOf(row)]), // prettier-ignore
        ),
  );
  host.output.result({
    experiments: rows.map(({ id, name, state, createdAt, config }) => ({
      id,
      name,
      state,
      createdAt,
      seeds: (config as ExperimentConfig).seeds,
    })),
  });
  return Promise.resolve();
}

const stateOf = ({ state }: ExperimentRow): string => (state === 'pending' ? 'waiting' : state);
