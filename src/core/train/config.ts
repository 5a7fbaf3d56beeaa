/** Everything that decides a training run, and the presets. */
import { AppError } from '../errors.ts';
import type { Augmentation } from './augment.ts';
import type { Objective } from './objectives/objective.ts';
import { objectiveNamed, type ObjectiveId } from './objectives/registry.ts';
import type { Precision } from '../tf/precision.ts';
import type { Schedule } from './schedule.ts';

export type { ObjectiveId };

export interface TrainingConfig {
  readonly objective: ObjectiveId;
  /** Weight of the L1 penalty; 0 for cross-entropy and for the control. */
  readonly lambda: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** PyTorch's `weight_decay`: added to every trained parameter's gradient, batch norm and biases included. */
  readonly weightDecay: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** Which weights become the model: those after the last epoch, or of the epoch with the best validation accuracy. */
  readonly keep: 'last' | 'best';
  /** Of the training steps; validation and scores are always fp32. */
  readonly precision: Precision;
}

export type PresetName = 'paper' | 'authors' | 'quick';

/** A pretraining and a fine-tuning that belong together. */
export interface Preset {
  readonly label: string;
  readonly description: string;
  readonly network: string;
  readonly dropout: number;
  readonly pretrain: TrainingConfig;
  readonly finetune: TrainingConfig;
}

const cropAndFlip: Augmentation = { cropPadding: 4, flip: true };
const flipOnly: Augmentation = { cropPadding: 0, flip: true };

const base = {
  objective: 'cross-entropy',
  lambda: 0,
  batchSize: 128,
  seed: 1,
  keep: 'last',
  precision: 'fp32',
} as const;

/** See docs/method.md for what is printed, what the authors' code does, and what was measured. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  paper: {
    label: 'Paper as printed',
    description:
      'The numbers in the paper’s text. λ = 0.001 had no measurable effect in our runs; see "authors".',
    network: 'wrn-40-2',
    dropout: 0,
    pretrain: {
      ...base,
      epochs: 200,
      learningRate: 0.1,
      schedule: { kind: 'constant' },
      momentum: 0.01,
      nesterov: false,
      weightDecay: 0.01,
      augmentation: cropAndFlip,
    },
    finetune: {
      ...base,
      objective: 'sparsity',
      lambda: 0.001,
      epochs: 10,
      learningRate: 0.001,
      schedule: { kind: 'constant' },
      momentum: 0.01,
      nesterov: false,
      weightDecay: 0.01,
      augmentation: cropAndFlip,
    },
  },
  authors: {
    label: 'Authors’ code (recommended)',
    description:
      'What the authors’ published code does: λ = 0.02 on penultimate features, flip only.',
    network: 'wrn-40-2',
    dropout: 0.3,
    pretrain: {
      ...base,
      epochs: 100,
      learningRate: 0.1,
      schedule: { kind: 'cosine', final: 1e-6 },
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
      augmentation: cropAndFlip,
    },
    finetune: {
      ...base,
      objective: 'sparsity',
      lambda: 0.02,
      epochs: 10,
      learningRate: 0.001,
      schedule: { kind: 'cosine', final: 1e-6 },
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
      augmentation: flipOnly,
    },
  },
  quick: {
    label: 'Quick look',
    description:
      'Minutes on a CPU with a small network: to see the whole way, not to conclude from.',
    network: 'wrn-10-1',
    dropout: 0,
    pretrain: {
      ...base,
      epochs: 12,
      batchSize: 64,
      learningRate: 0.1,
      schedule: { kind: 'one-cycle', warmup: 0.3 },
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
      augmentation: cropAndFlip,
    },
    finetune: {
      ...base,
      objective: 'sparsity',
      lambda: 0.02,
      epochs: 4,
      batchSize: 64,
      learningRate: 0.01,
      schedule: { kind: 'cosine', final: 1e-6 },
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
      augmentation: flipOnly,
    },
  },
};

/** @throws AppError `usage` naming the known presets */
export function presetNamed(name: string): Preset {
  if (!Object.hasOwn(PRESETS, name))
    throw new AppError(
      'usage',
      `Unknown preset "${name}". Choose one of: ${Object.keys(PRESETS).join(', ')}.`,
    );
  return PRESETS[name as PresetName];
}

/** The control of a sparsity run: the same in everything but λ = 0. */
export const controlOf = (config: TrainingConfig): TrainingConfig => ({ ...config, lambda: 0 });

export const objectiveOf = ({ objective }: TrainingConfig): Objective => objectiveNamed(objective);

/** @throws AppError `usage` naming the first setting that makes no sense and what it may be */
export function validateConfig(config: TrainingConfig): TrainingConfig {
  const { lambda, epochs, batchSize, learningRate, momentum, weightDecay, seed } = config;
  const problem =
    !Number.isFinite(lambda) || lambda < 0
      ? `λ must be 0 or more, not ${lambda}; 0.02 is the authors' value`
      : !Number.isInteger(epochs) || epochs < 1
        ? `epochs must be a whole number of at least 1, not ${epochs}`
        : !Number.isInteger(batchSize) || batchSize < 2
          ? `the batch size must be a whole number of at least 2, not ${batchSize}`
          : !(learningRate > 0 && learningRate < 100)
            ? `the learning rate must be above 0, not ${learningRate}`
            : !(momentum >= 0 && momentum < 1)
              ? `momentum must be at least 0 and below 1, not ${momentum}`
              : !(weightDecay >= 0 && weightDecay < 1)
                ? `weight decay must be at least 0 and below 1, not ${weightDecay}`
                : !Number.isSafeInteger(seed) || seed < 0
                  ? `the seed must be a whole number of at least 0, not ${seed}`
                  : null;
  if (problem) throw new AppError('usage', `Training cannot start: ${problem}.`);
  return config;
}

/** What a user should know before starting: settings that were seen not to work. */
export function configWarnings({ objective, lambda }: TrainingConfig): string[] {
  if (objective === 'cross-entropy') return [];
  if (lambda >= 0.1)
    return [`λ = ${lambda} is high: from 0.1 on, accuracy fell and FPR95 rose in our runs.`];
  if (lambda > 0 && lambda <= 0.001)
    return [`λ = ${lambda} is the paper's printed value; it had no measurable effect in our runs.`];
  return [];
}
