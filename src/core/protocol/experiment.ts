/** An experiment: the same comparison repeated with several seeds. What is to be done, and what is still missing. */
import type { DecodeSpec } from '../decode/types.ts';
import { AppError } from '../errors.ts';
import type { Architecture } from '../model/architecture.ts';
import { controlOf, describeObjective, isControl, type TrainingConfig } from '../train/config.ts';
import { validateConfig } from '../train/validate-config.ts';
import type { ProtocolId } from './protocols.ts';

/** More repeats than anyone has waited for. */
export const MOST_SEEDS = 20;

/**
 * One model of each seed. `before`: pretrained; `control`: fine-tuned with λ = 0; `batch-norm`: `before` with batch-norm
 * statistics estimated again, weights untouched; `tuned`: fine-tuned with the objective in question.
 */
export const ARMS = ['before', 'control', 'batch-norm', 'tuned'] as const;
export type Arm = (typeof ARMS)[number];

/** Plain JSON; stored with the experiment. Ids are full ids. */
export interface ExperimentConfig {
  readonly idDatasetId: string;
  readonly oodDatasetIds: readonly string[];
  readonly protocol: ProtocolId;
  /** Id of the score. */
  readonly detector: string;
  readonly seeds: readonly number[];
  readonly preset: string;
  /** Every seed fine-tunes this model; null to pretrain one per seed. */
  readonly parentId: string | null;
  readonly architecture: Architecture;
  readonly decode: DecodeSpec;
  /** Null when `parentId` is given. Its seed is replaced. */
  readonly pretrain: TrainingConfig | null;
  /** Its seed is replaced. */
  readonly finetune: TrainingConfig;
  /** Train the same fine-tuning with λ = 0 as well. */
  readonly withControl: boolean;
  /** Estimate the batch-norm statistics of each pretrained model again as a second control. */
  readonly withBatchNorm: boolean;
}

/** @throws AppError `usage` naming what makes no sense */
export function checkExperiment(config: ExperimentConfig): ExperimentConfig {
  const { seeds, oodDatasetIds, pretrain, parentId, finetune } = config;
  const trainedOn = [finetune, pretrain].find((one) => one?.outliers && oodDatasetIds.includes(one.outliers.datasetId)); // prettier-ignore
  const whole = seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0);
  const problem = !whole
    ? `seeds are whole numbers of at least 0, not ${seeds.join(', ')}`
    : seeds.length === 0
      ? 'no seed is given; the paper uses 5'
      : seeds.length > MOST_SEEDS
        ? `${seeds.length} seeds are more than ${MOST_SEEDS}`
        : new Set(seeds).size < seeds.length
          ? `a seed is given twice (${seeds.join(', ')}), which would repeat the same run`
          : oodDatasetIds.length === 0
            ? 'no OOD set is given, so there is nothing to measure'
            : new Set(oodDatasetIds).size < oodDatasetIds.length
              ? 'an OOD set is given twice'
              : trainedOn !== undefined
                ? 'a set that is trained on as auxiliary outliers cannot be evaluated on; leave it out of the OOD sets'
                : (pretrain === null) === (parentId === null)
                  ? 'either a model to fine-tune or settings to pretrain with are needed, not both'
                  : null;
  if (problem) throw new AppError('usage', `Experiment: ${problem}.`);
  if (pretrain) validateConfig(pretrain);
  validateConfig(finetune);
  return config;
}

/** Whether the objective has a control with λ = 0 of its own. */
export const hasControl = ({ withControl, finetune }: ExperimentConfig): boolean =>
  withControl && !isControl(finetune);

/** The arms of each seed, in the order they are made. */
export function armsOf(config: ExperimentConfig): readonly Arm[] {
  return ARMS.filter(
    (arm) =>
      arm === 'before' ||
      arm === 'tuned' ||
      (arm === 'control' && hasControl(config)) ||
      (arm === 'batch-norm' && config.withBatchNorm),
  );
}

/** Settings of the run that makes an arm; null where no training does. */
export function configOf(config: ExperimentConfig, seed: number, arm: Arm): TrainingConfig | null {
  switch (arm) {
    case 'before':
      return config.pretrain && { ...config.pretrain, seed };
    case 'control':
      return controlOf({ ...config.finetune, seed });
    case 'tuned':
      return { ...config.finetune, seed };
    case 'batch-norm':
      return null;
  }
}

/** What an arm is called in tables. */
export function armLabel(arm: Arm, { finetune }: Pick<ExperimentConfig, 'finetune'>): string {
  switch (arm) {
    case 'before':
      return 'before';
    case 'control':
      return `control, ${describeObjective(controlOf(finetune))}`;
    case 'batch-norm':
      return 'control, batch norm';
    case 'tuned':
      return finetune.lambda > 0
        ? `${finetune.objective}, ${describeObjective(finetune)}`
        : describeObjective(finetune);
  }
}
