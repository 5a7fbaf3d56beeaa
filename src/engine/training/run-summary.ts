/** A run as lists show it. */
import type { Failure, Progress } from '../../contract/common.ts';
import { errorCode } from '../../contract/common.ts';
import { trainingConfig, type RunSummary } from '../../contract/training.ts';
import { isControl } from '../../core/train/config.ts';
import { architectureName } from '../../core/model/architecture.ts';
import type { RunRow } from '../../core/store/runs.ts';
import type { TrainingRequest } from '../../core/workflow/train-model.ts';
import type { Standing } from './story.ts';

/** Settings that runs of older versions lack. */
const LATER: Partial<TrainingRequest['config']> = { precision: 'fp32' };

export const isTraining = ({ kind }: RunRow): boolean => kind === 'pretrain' || kind === 'finetune';

export const requestOf = (row: RunRow): TrainingRequest => row.config as TrainingRequest;

export function runSummary(
  row: RunRow,
  { step, steps, epochs }: Standing,
  progress: Progress | null,
  queuePosition: number | null,
): RunSummary {
  const { kind, datasetId, parentId, name, preset, architecture, config, groupId } = requestOf(row);
  return {
    id: row.id,
    kind,
    groupId: groupId ?? null,
    purpose: purposeOf(requestOf(row)),
    name,
    state: row.state,
    queuePosition,
    datasetId,
    parentId,
    modelId: row.modelId,
    network: architectureName(architecture),
    preset,
    config: trainingConfig.parse({ ...LATER, ...config }),
    step,
    steps,
    epochs: [...epochs],
    progress,
    error: failureOfRow(row),
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
  };
}

function purposeOf({ kind, config }: TrainingRequest): RunSummary['purpose'] {
  if (kind === 'pretrain') return 'pretrain';
  if (config.objective === 'cross-entropy') return 'other';
  if (isControl(config)) return 'control';
  return config.lambda > 0 ? 'sparse' : 'other';
}

function failureOfRow({ error, state }: RunRow): Failure | null {
  // That it was cancelled is its state, not an error.
  if (error === null || state === 'cancelled') return null;
  const code = errorCode.safeParse(error.code);
  return { code: code.success ? code.data : 'internal', message: error.message };
}
