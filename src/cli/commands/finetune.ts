import type { ModelInfo } from '../../core/model/model-file.ts';
import { AppError } from '../../core/errors.ts';
import { loadModel } from '../../core/model/model-file.ts';
import {
  controlOf,
  describeControl,
  describeObjective,
  isControl,
  presetNamed,
  type TrainingConfig,
} from '../../core/train/config.ts';
import { configWarnings, validateConfig } from '../../core/train/validate-config.ts';
import { trainModel } from '../../core/workflow/train-model.ts';
import type { Host } from '../host.ts';
import { numberOption } from '../resolve.ts';
import { describeModel } from './describe-model.ts';
import { withObjective } from './objective-options.ts';
import { overridden, type TrainingOptions } from './training-options.ts';

export interface FinetuneOptions extends TrainingOptions {
  readonly preset?: string;
  readonly lambda?: string;
  readonly target: string;
  readonly control: boolean;
  readonly name?: string;
}

/** `straylight finetune <model>`: with the sparsity objective or another one, and its control. */
export async function finetuneCommand(
  host: Host,
  model: string,
  options: FinetuneOptions,
): Promise<void> {
  const workspace = host.workspace();
  const row = workspace.getModel(model);
  const parent = await loadModel(row.folder);
  const presetName =
    options.preset ?? (parent.info.preset === 'imported' ? 'authors' : parent.info.preset);
  const base = overridden(presetNamed(presetName).finetune, options);
  if (options.target !== 'features' && options.target !== 'logits')
    throw new AppError('usage', `--target must be features or logits, not "${options.target}".`);
  const usual = options.target === 'features' ? 'sparsity' : 'sparsity-logits';
  const chosen = await withObjective(host, base, options, usual);
  const sparse = chosen.objective === 'sparsity' || chosen.objective === 'sparsity-logits';
  if (options.lambda !== undefined && !sparse)
    throw new AppError('usage', `--lambda is not for the objective ${chosen.objective}.`);
  const config = validateConfig({
    ...chosen,
    lambda: sparse ? (numberOption('lambda', options.lambda) ?? base.lambda) : 0,
  });
  for (const warning of configWarnings(config)) host.output.line(`Note: ${warning}`);

  const runtime = await host.runtime(config.batchSize);
  const run = async (runConfig: TrainingConfig, name: string): Promise<ModelInfo> => {
    const info = await trainModel(
      workspace,
      runtime,
      {
        kind: 'finetune',
        datasetId: parent.info.lineage.datasetId,
        parentId: row.id,
        name,
        preset: presetName,
        architecture: parent.info.architecture,
        decode: parent.info.decode,
        config: runConfig,
      },
      { ...host.hooks, phase: `Fine-tune, ${describeObjective(runConfig)}` },
    );
    describeModel(host, info);
    return info;
  };
  const name = options.name ?? `${parent.info.name}, fine-tuned`;
  const withControl = options.control && !isControl(config);
  const control = withControl
    ? await run(controlOf(config), `${name}, ${describeControl(config)}`)
    : null;
  const tuned = await run(config, `${name}, ${describeObjective(config)}`);
  host.output.result({ model: tuned, control });
}
