import type { ModelResult, TrainingSummary } from '../report/audit.ts';

/** Settings that a control shares with the sparse run, with the words used for them. */
const SHARED_SETTINGS = {
  seed: 'seed',
  epochs: 'epochs',
  batchSize: 'batch size',
  learningRate: 'learning rate',
  schedule: 'schedule',
  momentum: 'momentum',
  nesterov: 'Nesterov momentum',
  weightDecay: 'weight decay',
  precision: 'precision',
  dropout: 'dropout',
  augmentation: 'augmentation',
  options: 'label smoothing, mixup or outliers',
} as const satisfies Partial<Record<keyof TrainingSummary, string>>;

/** What must be known of a run to tell whether another one is its control. */
export interface ComparedRun extends Pick<ModelResult, 'parentId'> {
  readonly training: Pick<TrainingSummary, keyof typeof SHARED_SETTINGS | 'lambda' | 'addsToLoss'>;
}

/**
 * In what a run fails to be the control of a sparse run. A control has λ = 0 and is otherwise the same
 * fine-tuning of the same model: dropping the crop augmentation alone can gain more than the sparsity does.
 * @returns the differing settings in words, e.g. `augmentation`; empty for a proper control
 */
export function controlMismatches(sparse: ComparedRun, control: ComparedRun): readonly string[] {
  const keys = Object.keys(SHARED_SETTINGS) as (keyof typeof SHARED_SETTINGS)[];
  const differing = keys.filter(
    (key) => JSON.stringify(sparse.training[key]) !== JSON.stringify(control.training[key]),
  );
  return [
    ...(control.training.lambda === 0 ? [] : ['λ, which must be 0 in a control']),
    ...(control.training.addsToLoss
      ? ['the weight of what its objective adds, which must be 0 in a control']
      : []),
    ...(sparse.parentId === control.parentId ? [] : ['the model it started from']),
    ...differing.map((key) => SHARED_SETTINGS[key]),
  ];
}
