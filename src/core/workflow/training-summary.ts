/** How a model was trained, as reports and verdicts tell it. */
import type { ModelInfo } from '../model/model-file.ts';
import type { TrainingSummary } from '../report/audit.ts';
import { describeAugmentation } from '../train/augment.ts';
import { isControl } from '../train/config.ts';
import { describeSchedule } from '../train/schedule.ts';

/** What is told of a model's training; two runs that differ in it are not each other's control. */
export function trainingSummary({
  config,
  architecture,
  preset,
  history,
  wallSeconds,
  stopReason,
}: ModelInfo): TrainingSummary {
  const options = optionsOf(config);
  return {
    objective: config.objective,
    lambda: config.lambda,
    preset,
    seed: config.seed,
    epochs: config.epochs,
    batchSize: config.batchSize,
    learningRate: config.learningRate,
    schedule: describeSchedule(config.schedule),
    momentum: config.momentum,
    nesterov: config.nesterov,
    weightDecay: config.weightDecay,
    precision: config.precision,
    dropout: architecture.dropout,
    augmentation: describeAugmentation(config.augmentation),
    ...(options.length === 0 ? {} : { options }),
    ...(config.lambda === 0 && !isControl(config) ? { addsToLoss: true } : {}),
    history,
    wallSeconds,
    stopReason,
  };
}

/** In words; the control of a run has the same. */
const optionsOf = ({ labelSmoothing = 0, mixup = 0, outliers }: ModelInfo['config']): string[] => [
  ...(labelSmoothing > 0 ? [`label smoothing ${labelSmoothing}`] : []),
  ...(mixup > 0 ? [`mixup, α = ${mixup}`] : []),
  ...(outliers ? [`${outliers.ratio} outliers of ${outliers.datasetId} to one image`] : []),
];
