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
  /** Weight of the L1 penalty; 0 for its control and for objectives without one. */
  readonly lambda: number;
  /** What else the objective takes, by name; its defaults where absent. */
  readonly settings?: Readonly<Record<string, number>> | undefined;
  /** Share of every label that is spread evenly over all classes (Szegedy 2016); 0 when absent. */
  readonly labelSmoothing?: number | undefined;
  /** α of the Beta distribution that mixing ratios are drawn from (Zhang 2018); no mixing when absent or 0. */
  readonly mixup?: number | undefined;
  /** Auxiliary outliers that go through the network with every batch; none when absent or null. */
  readonly outliers?: OutlierChoice | null | undefined;
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

/** An out-of-distribution set to train on. It is barred from evaluating the model and its descendants. */
export interface OutlierChoice {
  readonly datasetId: string;
  /** Outliers to one in-distribution image of a batch; 2 in the code of Hendrycks and Liu. */
  readonly ratio: number;
}

export const DEFAULT_OUTLIER_RATIO = 2;

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

/**
 * The control of a run: the same in everything, its outliers included, but without what the objective adds to
 * cross-entropy. An objective that adds nothing but changes the loss itself (LogitNorm) has plain cross-entropy.
 */
export function controlOf(config: TrainingConfig): TrainingConfig {
  const { penalties } = objectiveOf(config);
  const control = { ...config, lambda: 0 };
  if (penalties.length === 0) return { ...control, objective: 'cross-entropy', settings: {} };
  const zeros = penalties.filter((name) => name !== 'lambda').map((name) => [name, 0] as const);
  return zeros.length === 0
    ? control
    : { ...control, settings: { ...config.settings, ...Object.fromEntries(zeros) } };
}

/** Whether what the objective adds to cross-entropy weighs nothing: the control of a run, or cross-entropy itself. */
export function isControl(config: TrainingConfig): boolean {
  if (config.objective === 'logit-norm') return false;
  const scalars = knownScalars(config);
  return objectiveOf(config).penalties.every((name) => scalars[name] === 0);
}

/** What is compared with its control, and stands out in names: `λ = 0.02`, `Energy margin`. */
export function describeObjective(config: TrainingConfig): string {
  const { objective, lambda } = config;
  if (objective === 'sparsity' || objective === 'sparsity-logits') return `λ = ${lambda}`;
  const { label } = objectiveOf(config);
  return isControl(config) && objective !== 'cross-entropy' ? `${label}, weight 0` : label;
}

/** Of the control of a run: `λ = 0 (control)`, `Energy margin, weight 0 (control)`. */
export const describeControl = (config: TrainingConfig): string =>
  `${describeObjective(controlOf(config))} (control)`;

/**
 * OECC draws the confidence to the training accuracy of the model it starts from, unless told otherwise.
 * @param accuracy of the start; undefined when it is not known
 */
export function withTrainingAccuracy(
  config: TrainingConfig,
  accuracy: number | undefined,
): TrainingConfig {
  const needed = config.objective === 'oecc' && config.settings?.['trainingAccuracy'] === undefined;
  return needed && accuracy !== undefined
    ? { ...config, settings: { ...config.settings, trainingAccuracy: accuracy } }
    : config;
}

/** Values of the scalars that are known: given, or the objective's defaults. */
function knownScalars(config: TrainingConfig): Readonly<Record<string, number | null>> {
  const { scalars, settings } = objectiveOf(config);
  const known: Record<string, number | null> = { lambda: config.lambda };
  for (const { name, default: value } of settings) known[name] = config.settings?.[name] ?? value;
  return Object.fromEntries(scalars.map((name) => [name, known[name] ?? null]));
}

/**
 * What every step is given.
 * @throws AppError `usage` when a setting without a default is missing
 */
export function scalarsOf(config: TrainingConfig): Readonly<Record<string, number>> {
  const { label, settings } = objectiveOf(config);
  const scalars: Record<string, number> = {};
  for (const [name, value] of Object.entries(knownScalars(config))) {
    if (value === null) {
      const symbol = settings.find((setting) => setting.name === name)?.symbol ?? name;
      throw new AppError(
        'usage',
        `${label} needs ${symbol} (${name}), which is not known here. Give it as a setting.`,
      );
    }
    scalars[name] = value;
  }
  return scalars;
}

export const objectiveOf = ({ objective }: TrainingConfig): Objective => objectiveNamed(objective);
