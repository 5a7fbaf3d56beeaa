import { architectureOf } from '../../core/model/architecture.ts';
import { describeObjective, presetNamed } from '../../core/train/config.ts';
import { validateConfig } from '../../core/train/validate-config.ts';
import { trainModel } from '../../core/workflow/train-model.ts';
import type { Host } from '../host.ts';
import { datasetId, numberOption } from '../resolve.ts';
import { describeModel } from './describe-model.ts';
import { withObjective } from './objective-options.ts';
import { overridden, resizeMode, type TrainingOptions } from './training-options.ts';

export interface TrainOptions extends TrainingOptions {
  readonly preset: string;
  readonly network?: string;
  readonly size: string;
  readonly resize: string;
  readonly name?: string;
}

/** `straylight train <dataset>`: pretrain, with cross-entropy unless told otherwise. */
export async function trainCommand(
  host: Host,
  dataset: string,
  options: TrainOptions,
): Promise<void> {
  const preset = presetNamed(options.preset);
  const config = validateConfig(
    await withObjective(host, overridden(preset.pretrain, options), options, 'cross-entropy'),
  );
  const decode = { size: numberOption('size', options.size)!, resize: resizeMode(options.resize) };
  const id = await datasetId(host, dataset, 'id');
  const workspace = host.workspace();
  const { classes } = workspace.loadManifest(id);
  const network = options.network ?? preset.network;
  const architecture = architectureOf(network, {
    classes: classes.length,
    inputSize: decode.size,
    dropout: preset.dropout,
  });
  const suffix = config.objective === 'cross-entropy' ? '' : `, ${describeObjective(config)}`;
  const runtime = await host.runtime(config.batchSize);
  const info = await trainModel(
    workspace,
    runtime,
    {
      kind: 'pretrain',
      datasetId: id,
      parentId: null,
      name: options.name ?? `${network}, ${options.preset}${suffix}, seed ${config.seed}`,
      preset: options.preset,
      architecture,
      decode,
      config,
    },
    { ...host.hooks, phase: 'Pretrain' },
  );
  describeModel(host, info);
  host.output.result({ model: info });
}
