/** The whole story, from folders to a report. Each step is also a verb of the command line. */
import { scanFolder } from './datasets/scan.ts';
import { AppError } from './errors.ts';
import { architectureOf } from './model/architecture.ts';
import type { ModelInfo } from './model/model-file.ts';
import { within } from './progress.ts';
import type { Audit } from './report/audit.ts';
import type { Workspace } from './store/workspace.ts';
import type { Runtime } from './tf/runtime.ts';
import { controlOf, presetNamed, type TrainingConfig } from './train/config.ts';
import type { ReportFiles } from './report/write-report.ts';
import { createReport } from './workflow/report/create-report.ts';
import { trainModel, type WorkflowHooks } from './workflow/train-model.ts';
import type { DecodeSpec, ResizeMode } from './decode/types.ts';

export interface PipelineOptions {
  readonly idFolder: string;
  readonly oodFolders: readonly string[];
  readonly preset: string;
  /** Network preset; that of the training preset when not given. */
  readonly network?: string | undefined;
  readonly inputSize: number;
  readonly resize: ResizeMode;
  readonly seed: number;
  readonly title: string;
  /** The command that was typed, for the report. */
  readonly command: string;
  readonly outputFolder?: string | undefined;
  /** Detectors of the report; all when not given. */
  readonly detectors?: readonly string[] | undefined;
  /** Overrides of the preset, e.g. fewer epochs. */
  readonly pretrain?: Partial<TrainingConfig> | undefined;
  readonly finetune?: Partial<TrainingConfig> | undefined;
}

export interface PipelineResult {
  readonly models: {
    readonly before: ModelInfo;
    readonly control: ModelInfo;
    readonly sparse: ModelInfo;
  };
  readonly audit: Audit;
  readonly files: ReportFiles;
}

/** Scan, pretrain, fine-tune with λ and with λ = 0, score everything, compare, report. */
export async function runPipeline(
  workspace: Workspace,
  runtime: Runtime,
  options: PipelineOptions,
  hooks: WorkflowHooks,
): Promise<PipelineResult> {
  const { preset, seed } = options;
  const { network, dropout, ...presetConfigs } = presetNamed(preset);
  if (options.oodFolders.length === 0)
    throw new AppError('usage', 'At least one folder of out-of-distribution images is needed.');
  const part = (from: number, to: number, phase?: string): WorkflowHooks => ({
    ...hooks,
    onProgress: within(hooks.onProgress, from, to),
    phase,
  });

  const folders = [options.idFolder, ...options.oodFolders];
  const datasetIds: string[] = [];
  for (const [i, folder] of folders.entries()) {
    const { onProgress, signal } = part(
      (0.1 * i) / folders.length,
      (0.1 * (i + 1)) / folders.length,
    );
    const manifest = await scanFolder(folder, {
      role: i === 0 ? 'id' : 'ood',
      splitSeed: seed,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    datasetIds.push(workspace.registerDataset(manifest).id);
  }
  const [idDataset, ...oodDatasets] = datasetIds as [string, ...string[]];

  const { classes } = workspace.loadManifest(idDataset);
  const { inputSize, resize } = options;
  const decode: DecodeSpec = { size: inputSize, resize };
  const architecture = architectureOf(options.network ?? network, {
    classes: classes.length,
    inputSize,
    dropout,
  });
  const common = { datasetId: idDataset, preset, architecture, decode };
  const pretrain = { ...presetConfigs.pretrain, ...options.pretrain, seed };
  const finetune = { ...presetConfigs.finetune, ...options.finetune, seed };

  const before = await trainModel(
    workspace,
    runtime,
    { ...common, kind: 'pretrain', parentId: null, name: 'Pretrained', config: pretrain },
    part(0.1, 0.6, 'Pretrain'),
  );
  const fineTuned = { ...common, kind: 'finetune' as const, parentId: before.id };
  const control = await trainModel(
    workspace,
    runtime,
    { ...fineTuned, name: 'Control, λ = 0', config: controlOf(finetune) },
    part(0.6, 0.75, 'Fine-tune, control λ = 0'),
  );
  const sparse = await trainModel(
    workspace,
    runtime,
    { ...fineTuned, name: `Sparse, λ = ${finetune.lambda}`, config: finetune },
    part(0.75, 0.9, `Fine-tune, λ = ${finetune.lambda}`),
  );

  const { audit, files } = await createReport(
    workspace,
    runtime,
    {
      subject: {
        models: { before: before.id, control: control.id, sparse: sparse.id },
        idDataset,
        oodDatasets,
        detectors: options.detectors ?? null,
        protocol: null,
      },
      title: options.title,
      command: options.command,
      outputFolder: options.outputFolder,
    },
    part(0.9, 1),
  );
  return { models: { before, control, sparse }, audit, files };
}
