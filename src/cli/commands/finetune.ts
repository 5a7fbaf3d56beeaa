import type { ModelInfo } from '../../core/model/model-file.ts';
import { AppError } from '../../core/errors.ts';
import { loadModel } from '../../core/model/model-file.ts';
import {
  configWarnings,
  controlOf,
  presetNamed,
  type TrainingConfig,
} from '../../core/train/config.ts';
import { trainModel } from '../../core/workflow/train-model.ts';
import type { Host } from '../host.ts';
import { numberOption } from '../resolve.ts';
import { describeModel } from './describe-model.ts';
import { overridden, type TrainingOptions } from './training-options.ts';

export interface FinetuneOptions extends TrainingOptions {
  readonly preset?: string;
  readonly lambda?: string;
  readonly target: string;
  readonly control: boolean;
  readonly name?: string;
}

/** `straylight finetune <model>`: with the sparsity objective, and its λ = 0 control. */
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
  const config: TrainingConfig = {
    ...base,
    objective: options.target === 'features' ? 'sparsity' : 'sparsity-logits',
    lambda: numberOption('lambda', options.lambda) ?? base.lambda,
  };
  for (const warning of configWarnings(config)) host.output.line(`Note: ${warning}`);
  if (!Number.isFinite(config.lambda) || config.lambda < 0)
    throw new AppError('usage', `λ must be 0 or more, not ${config.lambda}. The authors use 0.02.`);

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
      { ...host.hooks, phase: `Fine-tune, λ = ${runConfig.lambda}` },
    );
    describeModel(host, info);
    return info;
  };
  const name = options.name ?? `${parent.info.name}, fine-tuned`;
  const withControl = options.control && config.lambda > 0;
  const control = withControl ? await run(controlOf(config), `${name}, λ = 0 (control)`) : null;
  const sparse = await run(config, `${name}, λ = ${config.lambda}`);
  host.output.result({ model: sparse, control });
}
