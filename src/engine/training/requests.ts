/** What a window asks for, as the runs it means. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { trainingRequest } from '../../contract/training.ts';
import { AppError } from '../../core/errors.ts';
import { architectureOf } from '../../core/model/architecture.ts';
import { loadModel } from '../../core/model/model-file.ts';
import type { Workspace } from '../../core/store/workspace.ts';
import {
  controlOf,
  describeControl,
  describeObjective,
  isControl,
  type TrainingConfig,
} from '../../core/train/config.ts';
import { validateConfig } from '../../core/train/validate-config.ts';
import type { TrainingRequest as CoreRequest } from '../../core/workflow/train-model.ts';

/** As the engine receives it: defaults filled in. */
export type TrainingRequest = z.output<typeof trainingRequest>;

/**
 * One run per seed, and its control before each one that has one, so that the comparison can start as early as possible.
 * @throws AppError `not-found`, `usage`, `invalid-model`
 */
export async function plannedRuns(
  workspace: Workspace,
  request: TrainingRequest,
): Promise<readonly CoreRequest[]> {
  const { config, seeds, preset, patience } = request;
  validateConfig(config);
  const common = await startingPoint(workspace, request);
  const name = request.name ?? common.name;
  const withControl = request.kind === 'finetune' && request.withControl && !isControl(config);
  const groupId = withControl || seeds.length > 1 ? randomUUID() : null;
  const planned = (runConfig: TrainingConfig, suffix: string): CoreRequest => ({
    ...common,
    name: `${name}${suffix}${seeds.length > 1 ? `, seed ${runConfig.seed}` : ''}`,
    preset,
    config: runConfig,
    patience,
    groupId,
  });
  return seeds.flatMap((seed) => {
    const seeded: TrainingConfig = { ...config, seed };
    if (request.kind === 'pretrain') return [planned(seeded, '')];
    const control = withControl ? [planned(controlOf(seeded), `, ${describeControl(seeded)}`)] : [];
    const suffix = config.objective === 'cross-entropy' ? '' : `, ${describeObjective(config)}`;
    return [...control, planned(seeded, suffix)];
  });
}

async function startingPoint(
  workspace: Workspace,
  request: TrainingRequest,
): Promise<
  Pick<CoreRequest, 'kind' | 'datasetId' | 'parentId' | 'name' | 'architecture' | 'decode'>
> {
  if (request.kind === 'pretrain') {
    const { datasetId, network, dropout, decode } = request;
    const dataset = workspace.getDataset(datasetId);
    const architecture = architectureOf(network, {
      classes: dataset.summary.classes.length,
      inputSize: decode.size,
      dropout,
    });
    const name = `${dataset.name}, ${network}`;
    return { kind: 'pretrain', datasetId: dataset.id, parentId: null, name, architecture, decode };
  }
  const row = workspace.getModel(request.parentId);
  const { info } = await loadModel(row.folder);
  const datasetId = row.datasetId ?? info.lineage.datasetId;
  if (row.datasetId === null)
    throw new AppError(
      'not-found',
      `The dataset that ${row.name} was trained on is not in this workspace. Register its folder again.`,
    );
  return {
    kind: 'finetune',
    datasetId,
    parentId: row.id,
    name: `${row.name}, fine-tuned`,
    architecture: info.architecture,
    decode: info.decode,
  };
}
