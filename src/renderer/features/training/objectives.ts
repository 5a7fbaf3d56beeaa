/** What training minimises, as the form of a new run has it. */
import type { DatasetCard } from '../../../contract/datasets.ts';
import type { ModelSummary, Objective, TrainingConfig } from '../../../contract/training.ts';

/** The engine refuses fewer. */
export const LEAST_OUTLIERS = 16;

export const isSparse = (objective: TrainingConfig['objective']): boolean =>
  objective === 'sparsity' || objective === 'sparsity-logits';

/** Objectives that make sense without a model to start from. */
export const fitsMode = ({ id, settings }: Objective, mode: 'pretrain' | 'finetune'): boolean =>
  mode === 'finetune' || (!isSparse(id) && settings.every((setting) => setting.default !== null));

/**
 * The configuration under another objective: its own settings are the defaults again, and a set of outliers that was
 * chosen stays chosen while it is needed. None is chosen by itself: whichever it is will be barred.
 * @param lambda of the preset
 */
export function withObjective(
  config: TrainingConfig,
  objective: Objective,
  lambda: number,
): TrainingConfig {
  const next: TrainingConfig = {
    ...config,
    objective: objective.id,
    lambda: isSparse(objective.id) ? config.lambda || lambda : 0,
  };
  delete next.settings;
  if (!objective.outliers) delete next.outliers;
  return next;
}

/** Whether the objective adds anything to cross-entropy, so that a control without it tells something. */
export function hasPenalty({ objective, lambda, settings = {} }: TrainingConfig): boolean {
  if (objective === 'cross-entropy') return false;
  if (isSparse(objective)) return lambda > 0;
  if (objective === 'logit-norm') return true;
  const weights = objective === 'oecc' ? ['outlierWeight', 'confidenceWeight'] : ['outlierWeight'];
  return weights.some((name) => settings[name] !== 0);
}

/** Sets that may be trained on as outliers, with why one may not. */
export interface OutlierOption {
  readonly set: DatasetCard;
  readonly tooFew: boolean;
  /** The model that is fine-tuned was trained on it already. */
  readonly barred: boolean;
}

export const outlierOptions = (
  sets: readonly DatasetCard[],
  parent: ModelSummary | null,
): OutlierOption[] =>
  sets
    .filter(({ role, removedAt }) => role === 'ood' && removedAt === null)
    .map((set) => ({
      set,
      tooFew: set.ok < LEAST_OUTLIERS,
      barred: parent?.barred?.some(({ datasetId }) => datasetId === set.id) ?? false,
    }));
